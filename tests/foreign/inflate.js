// Inflates gzip and zlib files with node's zlib; prints "name length crc32" for each.
const fs = require('fs');
const zlib = require('zlib');

const table = new Int32Array(256);
for (let i = 0; i < 256; ++i) {
  let c = i;
  for (let bit = 0; bit < 8; ++bit) c = c & 1 ? (c >>> 1) ^ 0xedb88320 : c >>> 1;
  table[i] = c;
}

function crc32(data) {
  let c = -1;
  for (const byte of data) c = table[(c ^ byte) & 255] ^ (c >>> 8);
  return ((c ^ -1) >>> 0).toString(16).padStart(8, '0');
}

for (const name of process.argv.slice(2)) {
  const stream = fs.readFileSync(name);
  const data = name.endsWith('.gzip') ? zlib.gunzipSync(stream) : zlib.inflateSync(stream);
  console.log(`${name} ${data.length} ${crc32(data)}`);
}
