// Texts as databases compare them, put them into lower case, and match them with the patterns of `like`.

/** By code point: UTF-16 would put an emoji before U+FFFD. */
export function ordered(one: string, other: string): number {
  let at = 0;
  while (at < one.length && one[at] === other[at]) at++;
  if (at > 0 && /[\ud800-\udbff]/.test(one[at - 1]!)) at--;
  const [first, second] = [one.codePointAt(at) ?? -1, other.codePointAt(at) ?? -1];
  return first !== second ? first - second : (one.codePointAt(at + 1) ?? -1) - (other.codePointAt(at + 1) ?? -1);
}

/** Each character's own lower case, as databases have it: İ is not two characters, and Σ ends no word. */
export function lower(text: string): string {
  if (/^[\0-\x7f]*$/.test(text)) return text.toLowerCase();
  return Array.from(text, (char) => [...char.toLowerCase()][0]!).join("");
}

/** Whether a text has the shape of a pattern: each stretch between two `%` takes its leftmost match. */
export function matcher(pattern: string, escape: string | null, refuse: () => never): (text: string) => boolean {
  const stretches: (string | null)[][] = [[]];
  const signs = [...pattern];
  if (escape !== null && [...escape].length !== 1) refuse();
  for (let at = 0; at < signs.length; at++) {
    const sign = signs[at]!;
    if (sign === escape) {
      const escaped = signs[++at];
      if (escaped === undefined || !["%", "_", escape].includes(escaped)) refuse();
      stretches.at(-1)!.push(escaped);
    } else if (sign === "%") stretches.push([]);
    else stretches.at(-1)!.push(sign === "_" ? null : sign);
  }
  const [first, ...others] = stretches as [(string | null)[], ...(string | null)[][]];
  return (text) => {
    const chars = [...text];
    const fits = (stretch: (string | null)[], at: number) =>
      at + stretch.length <= chars.length && stretch.every((sign, i) => sign === null || sign === chars[at + i]);
    if (!fits(first, 0)) return false;
    let at = first.length;
    if (others.length === 0) return at === chars.length;
    for (const stretch of others.slice(0, -1)) {
      while (at <= chars.length && !fits(stretch, at)) at++;
      at += stretch.length;
    }
    const end = chars.length - others.at(-1)!.length;
    return at <= end && fits(others.at(-1)!, end);
  };
}
