// Reads images with niivue, nrrd-js, geotiff, npyjs, vtk.js, zarrita, ngff-zarr and h5wasm: node read.mjs NODE_MODULES < JOBS. A job
// is one line of JSON, {"reader": "niivue" | "nrrd-js" | ... | "h5wasm", "path": F}, and so is each answer: the facts of
// foreign.py, or {"error": TEXT}. "values" is the checksum of the pixels as little-endian float64, in the file's order; "crc32" that
// of their bytes.
import fs from 'node:fs';
import { File } from 'node:buffer';
import { createRequire } from 'node:module';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import zlib from 'node:zlib';

const modules = path.resolve(process.argv[2]);
const require = createRequire(path.join(modules, 'package.json'));
const niivue = await import(pathToFileURL(path.join(modules, '@niivue/niivue/build/niivue/index.js')));
const nrrd = require('nrrd-js');
console.warn = console.log = () => {};  // standard output is for answers
const vtkReader = path.join(modules, '@kitware/vtk.js/IO/XML/XMLImageDataReader.js');
globalThis.Node ??= { ELEMENT_NODE: 1 };  // vtk.js asks the browser for this name

const table = new Int32Array(256);
for (let i = 0; i < 256; ++i) {
  let c = i;
  for (let bit = 0; bit < 8; ++bit) c = c & 1 ? (c >>> 1) ^ 0xedb88320 : c >>> 1;
  table[i] = c;
}

function crc32(bytes) {
  let c = -1;
  for (const byte of bytes) c = table[(c ^ byte) & 255] ^ (c >>> 8);
  return ((c ^ -1) >>> 0).toString(16).padStart(8, '0');
}

function checksum(values) {
  return crc32(new Uint8Array(Float64Array.from(values, Number).buffer));
}

function fileOf(name) {
  return new File([fs.readFileSync(name)], path.basename(name));
}

// The name of the file that a header has its pixels in; undefined if it has them itself.
function dataFile(name) {
  const header = fs.readFileSync(name, 'latin1');
  const field = /^(?:ElementDataFile = |data file: )(.*)$/m.exec(header.slice(0, 100000));
  return field && field[1] !== 'LOCAL' ? path.join(path.dirname(name), field[1]) : undefined;
}

// niivue drops the second file of an .nhdr, so that it is given both as one.
function joined(name) {
  const header = fs.readFileSync(name, 'latin1').replace(/^data file: .*\n/m, '');
  const parts = [Buffer.from(`${header}\n`, 'latin1'), fs.readFileSync(dataFile(name))];
  return new File(parts, `${path.basename(name)}.nrrd`);
}

async function readNiivue(name) {
  const isNhdr = name.endsWith('.nhdr');
  const pixels = isNhdr ? undefined : dataFile(name);
  const image = await niivue.NVImage.loadFromFile({
    file: isNhdr ? joined(name) : fileOf(name),
    urlImgData: pixels ? fileOf(pixels) : null,
  });
  const { dims, pixDims, affine } = image.hdr;
  const n = dims[0];
  return {
    size: dims.slice(1, n + 1), spacing: pixDims.slice(1, n + 1), affine, values: checksum(image.img),
  };
}

// nrrd-js reads the header, and pixels that are raw and in the same file.
function readNrrdJs(name) {
  const bytes = fs.readFileSync(name);
  const exact = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length);
  let image = nrrd.parse(exact);
  if (image.dataFile !== undefined) image.buffer = fs.readFileSync(dataFile(name));
  if (image.data === undefined) {
    const pixels = image.encoding === 'gzip' ? zlib.gunzipSync(image.buffer) : image.buffer;
    const size = `sizes: ${image.sizes.join(' ')}\ndimension: ${image.sizes.length}`;
    const header = `NRRD0004\n${size}\ntype: ${image.type}\nendian: little\nencoding: raw\n\n`;
    const whole = Uint8Array.from(Buffer.concat([Buffer.from(header), Buffer.from(pixels)]));
    image.data = nrrd.parse(whole.buffer).data;
  }
  return {
    size: image.sizes, directions: image.spaceDirections, origin: image.spaceOrigin,
    values: checksum(image.data),
  };
}

// All pages, one after the other; the samples of a pixel together.
async function readGeotiff(name) {
  const { fromFile } = require('geotiff');
  const file = await fromFile(name);
  const pages = await file.getImageCount();
  const values = [];
  let image;
  for (let page = 0; page < pages; ++page) {
    image = await file.getImage(page);
    const data = await image.readRasters({ interleave: true });
    for (const value of data) values.push(value);
  }
  file.close();
  return { size: [image.getWidth(), image.getHeight(), pages], values: checksum(values) };
}

// The shape and the type as npyjs says them; the numbers are those of an array of JavaScript.
function readNpyjs(name) {
  const { parse } = require('npyjs');
  const bytes = fs.readFileSync(name);
  const exact = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length);
  const { data, shape, dtype, fortranOrder } = parse(exact);
  const { buffer, byteOffset, byteLength } = data;
  return {
    shape, dtype, fortran: fortranOrder, numbers: data.length, array: data.constructor.name,
    crc32: crc32(new Uint8Array(buffer, byteOffset, byteLength)),
  };
}

// The direction is the list of the file. Of 64-bit integers, vtk.js keeps the low 32 bits.
async function readVtkJs(name) {
  const { newInstance } = await import(pathToFileURL(vtkReader));
  const bytes = fs.readFileSync(name);
  const reader = newInstance();
  const exact = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length);
  if (!reader.parseAsArrayBuffer(exact)) throw new Error('vtk.js does not read it');
  const image = reader.getOutputData(0);
  const extent = image.getExtent();
  const points = image.getPointData();
  const array = points.getScalars() ?? points.getVectors() ?? points.getTensors();
  const { buffer, byteOffset, byteLength, constructor } = array.getData();
  return {
    size: [0, 1, 2].map((axis) => extent[2 * axis + 1] - extent[2 * axis] + 1),
    first: [extent[0], extent[2], extent[4]],
    spacing: [...image.getSpacing()], origin: [...image.getOrigin()], direction: [...image.getDirection()],
    array: constructor.name, components: String(array.getNumberOfComponents()),
    crc32: crc32(new Uint8Array(buffer, byteOffset, byteLength)),
  };
}

// An array, or the first level of a multiscale image. Numbers of 64 bits become floating numbers.
// zarrita asks for all chunks at once, and each open file takes one of those that a process may have.
function fewAtATime(store) {
  const most = 200, waiting = [];
  let running = 0;
  const inTurn = async (read) => {
    if (running >= most) await new Promise((go) => waiting.push(go));
    ++running;
    try {
      return await read();
    } finally {
      --running;
      waiting.shift()?.();
    }
  };
  return {
    get: (...what) => inTurn(() => store.get(...what)),
    getRange: (...what) => inTurn(() => store.getRange(...what)),
  };
}

async function readZarrita(name) {
  const zarrita = await import(pathToFileURL(path.join(modules, 'zarrita/dist/src/index.js')));
  const { default: FileSystemStore } = await import(pathToFileURL(path.join(modules, '@zarrita/storage/dist/src/fs.js')));
  const root = zarrita.root(fewAtATime(new FileSystemStore(path.resolve(name))));
  const node = await zarrita.open(root);
  const { ome, multiscales } = node.attrs;
  const levels = (ome ?? node.attrs).multiscales?.[0];
  const array = node.kind === 'array' ? node : await zarrita.open(node.resolve(levels.datasets[0].path), { kind: 'array' });
  const { data, shape } = await zarrita.get(array);
  return {
    shape, dtype: array.dtype, chunks: array.chunks, values: checksum(data), version: ome?.version ?? multiscales?.[0].version ?? '',
    axes: levels?.axes ?? [], transformations: levels?.datasets[0].coordinateTransformations ?? [],
  };
}

// The levels of a multiscale image, whose metadata is checked against the schema of NGFF.
async function readNgffZarr(name) {
  const ngff = await import(pathToFileURL(path.join(modules, '@fideus-labs/ngff-zarr/esm/mod.js')));
  const { metadata, images } = await ngff.fromNgffZarr(path.resolve(name), { validate: true });
  return {
    version: metadata.version, axes: metadata.axes.map((axis) => axis.name),
    levels: images.map(({ data, scale, translation, dims }) => ({
      shape: data.shape, dtype: data.dtype, scale: dims.map((axis) => scale[axis]), translation: dims.map((axis) => translation[axis]),
    })),
  };
}

// The path is that of a file, two colons, and that of a dataset in it. Numbers of 64 bits become floating numbers.
async function readH5wasm(place) {
  const { default: h5wasm } = await import(pathToFileURL(path.join(modules, 'h5wasm/dist/node/hdf5_hl.js')));
  await h5wasm.ready;
  const [name, dataset] = place.split('::');
  const file = new h5wasm.File(path.resolve(name), 'r');
  const { shape, dtype, metadata, filters, value } = file.get(dataset);
  file.close();
  return { shape, dtype, chunks: metadata.chunks, filters: filters.map((filter) => filter.name), values: checksum(value) };
}

const readers = {
  niivue: readNiivue, 'nrrd-js': readNrrdJs, geotiff: readGeotiff, npyjs: readNpyjs, 'vtk.js': readVtkJs, zarrita: readZarrita,
  'ngff-zarr': readNgffZarr, h5wasm: readH5wasm,
};
for (const line of fs.readFileSync(0, 'utf8').trim().split('\n')) {
  const job = JSON.parse(line);
  let facts;
  try {
    facts = await readers[job.reader](job.path);
  } catch (error) {
    facts = { error: String(error) };
  }
  process.stdout.write(`${JSON.stringify(facts)}\n`);
}
