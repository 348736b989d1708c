// Moments in microseconds, and local days as days since 1970.

export function microseconds(at: Date | bigint): bigint {
  return typeof at === "bigint" ? at : BigInt(at.getTime()) * 1000n;
}

export function calendar(timeZone: string): Intl.DateTimeFormat {
  return new Intl.DateTimeFormat("en", { timeZone, calendar: "iso8601", year: "numeric", month: "numeric", day: "numeric" });
}

/** The local day of a moment, in days since 1970. */
export function localDay(clock: Intl.DateTimeFormat, micros: bigint): number {
  const below = ((micros % 1000n) + 1000n) % 1000n;
  const parts = clock.formatToParts(Number((micros - below) / 1000n));
  const part = (type: string) => Number(parts.find((each) => each.type === type)!.value);
  return Date.UTC(part("year"), part("month") - 1, part("day")) / DAY;
}

const DAY = 86_400_000;
export const dayNumber = (iso: string): number => Date.parse(`${iso}T00:00:00Z`) / DAY;
export const isoDate = (day: number): string => new Date(day * DAY).toISOString().slice(0, 10);
