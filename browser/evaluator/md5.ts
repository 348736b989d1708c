// MD5, as `deciding/assign.py` hashes: a hash that every SQL engine has and that spreads well, and no secret.

const utf8 = new TextEncoder();
const SHIFTS = Int32Array.of(7, 12, 17, 22, 5, 9, 14, 20, 4, 11, 16, 23, 6, 10, 15, 21);
const PLACES = Int32Array.from({ length: 64 }, (_, i) => [i, 5 * i + 1, 3 * i + 5, 7 * i][i >> 4]! & 15);
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
  for (let i = 0; i < bytes.length; i++) words[i >> 2]! |= bytes[i]! << ((i % 4) * 8);
  words[bytes.length >> 2]! |= 0x80 << ((bytes.length % 4) * 8);
  words[words.length - 2] = bytes.length * 8;
  words[words.length - 1] = Math.floor(bytes.length / 2 ** 29);
  const sums = Int32Array.of(0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476);
  for (let block = 0; block < words.length; block += 16) {
    let [a, b, c, d] = [sums[0]!, sums[1]!, sums[2]!, sums[3]!];
    for (let i = 0; i < 64; i++) {
      const round = i >> 4;
      const mixed =
        round === 0 ? (b & c) | (~b & d)
        : round === 1 ? (d & b) | (~d & c)
        : round === 2 ? b ^ c ^ d
        : c ^ (b | ~d);
      const turned = (a + mixed + SINES[i]! + words[block + PLACES[i]!]!) | 0;
      const shift = SHIFTS[round * 4 + (i & 3)]!;
      a = d;
      d = c;
      c = b;
      b = (b + ((turned << shift) | (turned >>> (32 - shift)))) | 0;
    }
    sums[0]! += a;
    sums[1]! += b;
    sums[2]! += c;
    sums[3]! += d;
  }
  const sum = new DataView(sums.buffer);
  const hex = (at: number) => sum.getUint32(at).toString(16).padStart(8, "0");
  return hex(0) + hex(4) + hex(8) + hex(12);
}
