// Moments in microseconds, and local days as days since 1970.

export function microseconds(at: Date | bigint): bigint {
  return typeof at === "bigint" ? at : BigInt(at.getTime()) * 1000n;
}

/**
 * The local day of a moment, in days since 1970.
 *
 * @throws RangeError if there is no time zone of that name.
 */
export function localDays(timeZone: string): (micros: bigint) => number {
  const numeric = { year: "numeric", month: "numeric", day: "numeric" } as const;
  const clock = new Intl.DateTimeFormat("en", { timeZone, calendar: "iso8601", ...numeric });
  const day = (milliseconds: number): number => {
    const parts = clock.formatToParts(milliseconds);
    const part = (type: string) => Number(parts.find((each) => each.type === type)!.value);
    return Date.UTC(part("year"), part("month") - 1, part("day")) / DAY;
  };
  // Asking the calendar costs as much as all else together: it is asked once a minute. Since 1972 clocks of all zones
  // have changed at whole minutes of UTC.
  let [minute, kept] = [NaN, NaN];
  return (micros) => {
    const milliseconds = Number((micros - (((micros % 1000n) + 1000n) % 1000n)) / 1000n);
    if (milliseconds < SINCE_1972) return day(milliseconds);
    const now = Math.floor(milliseconds / 60_000);
    if (now !== minute) [minute, kept] = [now, day(milliseconds)];
    return kept;
  };
}

const SINCE_1972 = Date.UTC(1972);
const DAY = 86_400_000;
export const dayNumber = (iso: string): number => Date.parse(`${iso}T00:00:00Z`) / DAY;
export const isoDate = (day: number): string => new Date(day * DAY).toISOString().slice(0, 10);
