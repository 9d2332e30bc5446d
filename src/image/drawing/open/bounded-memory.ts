/** Of WebAssembly, a page. */
const pageBytes = 65_536;
/** The section that says how much memory a module has (WebAssembly 1.0, 5.5.8), and where sections begin. */
const [memorySection, firstSection] = [5, 8];

/**
 * The same module with a memory that cannot grow past so many bytes: code that grows it by itself can be bound by nothing else. The
 * code finds that there is no more, as on a small machine.
 */
export function withMostMemory(module: Buffer, mostBytes: number): Buffer<ArrayBuffer> {
  for (let at = firstSection; at < module.length; ) {
    const length = numberAt(module, at + 1);
    const end = length.end + length.value;
    if (module[at] === memorySection) {
      // One memory: a flag that says whether it has a bound, and what it begins with.
      const initial = numberAt(module, length.end + 2).value;
      const pages = Math.max(initial, Math.ceil(mostBytes / pageBytes));
      const section = Buffer.concat([Buffer.from([1, 1]), written(initial), written(pages)]);
      const before = module.subarray(0, at);
      return Buffer.concat([
        before,
        Buffer.from([memorySection]),
        written(section.length),
        section,
        module.subarray(end),
      ]);
    }
    at = end;
  }
  throw new Error('A module of WebAssembly has no memory of its own.');
}

/** LEB128 without a sign. */
function numberAt(bytes: Buffer, from: number): { readonly value: number; readonly end: number } {
  let value = 0;
  for (let at = from, factor = 1; ; at += 1, factor *= 128) {
    const byte = bytes.readUInt8(at);
    value += (byte & 127) * factor;
    if (byte < 128) return { value, end: at + 1 };
  }
}

function written(number: number): Buffer {
  const bytes: number[] = [];
  let left = number;
  for (; left >= 128; left = Math.floor(left / 128)) bytes.push((left % 128) + 128);
  return Buffer.from([...bytes, left]);
}
