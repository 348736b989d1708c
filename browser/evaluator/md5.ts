// MD5, as `deciding/assign.py` hashes: a hash that every SQL engine has and that spreads well, and no secret.

const utf8 = new TextEncoder();
const SHIFTS = [[7, 12, 17, 22], [5, 9, 14, 20], [4, 11, 16, 23], [6, 10, 15, 21]];
const SINES = Int32Array.from({ length: 64 }, (_, i) => Math.floor(Math.abs(Math.sin(i + 1)) * 2 ** 32));

/**
 * MD5 of the text's UTF-8, in hex (RFC 1321).
 *
 * @throws TypeError if the text holds half of a surrogate pair.
 */
export function md5(text: string): string {
  if (/\p{Surrogate}/u.test(text)) throw new TypeError("A text holds half of a surrogate pair, which has no UTF-8.");
  const bytes = utf8.encode(text);
  const words = new Int32Array((((bytes.length + 8) >> 6) + 1) * 16);
  bytes.forEach((byte, i) => (words[i >> 2]! |= byte << ((i % 4) * 8)));
  words[bytes.length >> 2]! |= 0x80 << ((bytes.length % 4) * 8);
  words[words.length - 2] = bytes.length * 8;
  words[words.length - 1] = Math.floor(bytes.length / 2 ** 29);
  const sums = Int32Array.of(0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476);
  for (let block = 0; block < words.length; block += 16) {
    let [a, b, c, d] = sums as unknown as [number, number, number, number];
    for (let i = 0; i < 64; i++) {
      const round = i >> 4;
      const [mixed, at] =
        round === 0 ? [(b & c) | (~b & d), i]
        : round === 1 ? [(d & b) | (~d & c), 5 * i + 1]
        : round === 2 ? [b ^ c ^ d, 3 * i + 5]
        : [c ^ (b | ~d), 7 * i];
      const turned = (a + mixed + SINES[i]! + words[block + (at & 15)]!) | 0;
      const shift = SHIFTS[round]![i & 3]!;
      [a, d, c, b] = [d, c, b, (b + ((turned << shift) | (turned >>> (32 - shift)))) | 0];
    }
    [a, b, c, d].forEach((sum, i) => (sums[i]! += sum));
  }
  return Array.from(new Uint8Array(sums.buffer), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
