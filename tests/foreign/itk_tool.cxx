// Reads and writes images through ITK's own ImageIO classes on behalf of the foreign tests: any
// component type, any dimension. Jobs are lines on standard input, answers are as those of
// swr_tool:
//
//   read path=F [dump=PIXELS]
//   write path=F size=4,3,2 component=int16 raw=PIXELS
//         [components= kind= spacing= origin= direction= compress=1]
//   roi path=PART whole=WHOLE     every pixel of PART is, at its physical point, a pixel of WHOLE
//                                 with the same value
#include <itkImage.h>
#include <itkImageFileReader.h>
#include <itkImageIOFactory.h>
#include <itkImageRegionConstIteratorWithIndex.h>
#include <itk_zlib.h>

#include <cstdio>
#include <fstream>
#include <iostream>
#include <map>
#include <sstream>
#include <string>
#include <vector>

namespace {

using Job = std::map<std::string, std::string>;
using IO = itk::ImageIOBase;

struct ComponentName {
  IO::IOComponentType type;
  const char* name;
};

// Of two types of the same width, the first one is written.
const ComponentName components[] = {
    {IO::UCHAR, "uint8"},    {IO::CHAR, "int8"},     {IO::USHORT, "uint16"},
    {IO::SHORT, "int16"},    {IO::UINT, "uint32"},   {IO::INT, "int32"},
    {IO::ULONG, "uint64"},   {IO::LONG, "int64"},    {IO::ULONGLONG, "uint64"},
    {IO::LONGLONG, "int64"}, {IO::FLOAT, "float32"}, {IO::DOUBLE, "float64"},
};

struct KindName {
  IO::IOPixelType type;
  const char* name;
};

const KindName kinds[] = {
    {IO::SCALAR, "scalar"},
    {IO::VECTOR, "vector"},
    {IO::RGB, "rgb"},
    {IO::RGBA, "rgba"},
    {IO::COMPLEX, "complex"},
    {IO::POINT, "vector"},
    {IO::OFFSET, "vector"},
    {IO::FIXEDARRAY, "vector"},
    {IO::MATRIX, "vector"},
    {IO::COVARIANTVECTOR, "covariant_vector"},
    {IO::SYMMETRICSECONDRANKTENSOR, "symmetric_tensor"},
    {IO::DIFFUSIONTENSOR3D, "symmetric_tensor"},
};

template <typename Value>
std::vector<Value> list(const std::string& text) {
  std::vector<Value> values;
  std::istringstream in(text);
  for (std::string word; std::getline(in, word, ',');)
    values.push_back(static_cast<Value>(std::stod(word)));
  return values;
}

Job parse(const std::string& line) {
  Job job;
  std::istringstream in(line);
  in >> job["job"];
  for (std::string word; in >> word;) {
    const auto equals = word.find('=');
    job[word.substr(0, equals)] = equals == std::string::npos ? "" : word.substr(equals + 1);
  }
  return job;
}

void check_zlib_size(size_t bytes, uLong& crc, const char* data) {
  for (size_t at = 0; at < bytes;) {
    const size_t slice = std::min<size_t>(bytes - at, 1u << 30);
    crc = crc32(crc, reinterpret_cast<const Bytef*>(data + at), static_cast<uInt>(slice));
    at += slice;
  }
}

void print_facts(IO& io) {
  const unsigned n = io.GetNumberOfDimensions();
  std::printf("dimensions: %u\nsize:", n);
  for (unsigned i = 0; i < n; ++i)
    std::printf(" %llu", static_cast<unsigned long long>(io.GetDimensions(i)));
  std::printf("\nspacing:");
  for (unsigned i = 0; i < n; ++i) std::printf(" %.17g", io.GetSpacing(i));
  std::printf("\norigin:");
  for (unsigned i = 0; i < n; ++i) std::printf(" %.17g", io.GetOrigin(i));
  std::printf("\ndirection:");
  for (unsigned row = 0; row < n; ++row) {
    for (unsigned axis = 0; axis < n; ++axis) std::printf(" %.17g", io.GetDirection(axis)[row]);
  }
  const char* component = "unknown";
  for (const auto& c : components) {
    if (c.type == io.GetComponentType()) component = c.name;
  }
  const char* kind = "unknown";
  for (const auto& k : kinds) {
    if (k.type == io.GetPixelType()) kind = k.name;
  }
  std::printf("\ncomponent: %s\ncomponents: %u\nkind: %s\n", component,
              static_cast<unsigned>(io.GetNumberOfComponents()), kind);
}

itk::ImageIORegion whole_region(const IO& io) {
  itk::ImageIORegion region(io.GetNumberOfDimensions());
  for (unsigned i = 0; i < io.GetNumberOfDimensions(); ++i) {
    region.SetIndex(i, 0);
    region.SetSize(i, io.GetDimensions(i));
  }
  return region;
}

void read_image(Job& job) {
  const auto io =
      itk::ImageIOFactory::CreateImageIO(job["path"].c_str(), itk::IOFileModeEnum::ReadMode);
  if (!io) throw std::runtime_error("ITK knows no format of this file");
  io->SetFileName(job["path"]);
  io->ReadImageInformation();
  print_facts(*io);
  io->SetIORegion(whole_region(*io));
  std::vector<char> pixels(static_cast<size_t>(io->GetImageSizeInBytes()));
  io->Read(pixels.data());
  uLong crc = crc32(0, nullptr, 0);
  check_zlib_size(pixels.size(), crc, pixels.data());
  std::printf("crc32: %08lx\n", crc);
  if (job.count("dump"))
    std::ofstream(job["dump"], std::ios::binary)
        .write(pixels.data(), static_cast<std::streamsize>(pixels.size()));
}

void describe(IO& io, Job& job) {
  const auto size = list<itk::SizeValueType>(job["size"]);
  const auto spacing = list<double>(job["spacing"]);
  const auto origin = list<double>(job["origin"]);
  const auto direction = list<double>(job["direction"]);
  const unsigned n = static_cast<unsigned>(size.size());
  io.SetNumberOfDimensions(n);
  for (unsigned axis = 0; axis < n; ++axis) {
    io.SetDimensions(axis, size[axis]);
    io.SetSpacing(axis, spacing.empty() ? 1 : spacing[axis]);
    io.SetOrigin(axis, origin.empty() ? 0 : origin[axis]);
    std::vector<double> column(n);
    for (unsigned row = 0; row < n; ++row)
      column[row] = direction.empty() ? (row == axis ? 1 : 0) : direction[row * n + axis];
    io.SetDirection(axis, column);
  }
  for (const auto& c : components) {
    if (c.name == job["component"]) {
      io.SetComponentType(c.type);
      break;
    }
  }
  io.SetNumberOfComponents(
      job.count("components") ? static_cast<unsigned>(std::stoul(job["components"])) : 1);
  io.SetPixelType(IO::SCALAR);
  for (const auto& k : kinds) {
    if (job.count("kind") && k.name == job["kind"]) {
      io.SetPixelType(k.type);
      break;
    }
  }
}

void write_image(Job& job) {
  const auto io =
      itk::ImageIOFactory::CreateImageIO(job["path"].c_str(), itk::IOFileModeEnum::WriteMode);
  if (!io) throw std::runtime_error("ITK writes no format of this name");
  io->SetFileName(job["path"]);
  describe(*io, job);
  io->SetIORegion(whole_region(*io));
  io->SetUseCompression(job.count("compress") > 0);
  std::vector<char> pixels(static_cast<size_t>(io->GetImageSizeInBytes()));
  if (!std::ifstream(job["raw"], std::ios::binary)
           .read(pixels.data(), static_cast<std::streamsize>(pixels.size()))) {
    throw std::runtime_error("cannot load " + job["raw"]);
  }
  io->Write(pixels.data());
  std::printf("status: OK\n");
}

using Volume = itk::Image<float, 3>;

Volume::Pointer volume(const std::string& path) {
  const auto reader = itk::ImageFileReader<Volume>::New();
  reader->SetFileName(path);
  reader->Update();
  return reader->GetOutput();
}

void compare_in_space(Job& job) {
  const auto part = volume(job["path"]);
  const auto whole = volume(job["whole"]);
  size_t pixels = 0;
  for (itk::ImageRegionConstIteratorWithIndex<Volume> it(part, part->GetBufferedRegion());
       !it.IsAtEnd(); ++it, ++pixels) {
    Volume::PointType point;
    Volume::IndexType index;
    part->TransformIndexToPhysicalPoint(it.GetIndex(), point);
    std::ostringstream where;
    where << it.GetIndex() << " at " << point;
    if (!whole->TransformPhysicalPointToIndex(point, index))
      throw std::runtime_error("no such place in the whole: " + where.str());
    if (whole->GetPixel(index) != it.Get())
      throw std::runtime_error("another value in the whole: " + where.str());
  }
  std::printf("status: OK\nsame: %zu\n", pixels);
}

void run(Job& job) {
  try {
    if (job["job"] == "read") {
      read_image(job);
    } else if (job["job"] == "write") {
      write_image(job);
    } else if (job["job"] == "roi") {
      compare_in_space(job);
    } else {
      throw std::runtime_error("no such job: " + job["job"]);
    }
  } catch (const std::exception& e) {
    std::string why = e.what();
    for (char& c : why) {
      if (c == '\n') c = ' ';
    }
    std::printf("error: %s\n", why.c_str());
  }
}

}  // namespace

int main() {
  for (std::string line; std::getline(std::cin, line);) {
    if (line.empty()) continue;
    Job job = parse(line);
    std::printf("path: %s\n", job["path"].c_str());
    run(job);
    std::printf("\n");
    std::fflush(stdout);
  }
  return 0;
}
