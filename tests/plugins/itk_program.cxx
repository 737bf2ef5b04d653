// A program of ITK that knows nothing of swr: it streams, pastes and reads as its arguments say.
// Jobs are lines on standard input; each answer is a line of words, "error: ..." if ITK throws.
//
//   write path=F size=X,Y,Z [divisions=N] [paste=X,Y,Z,SX,SY,SZ] [compress=1] [level=L] [add=N]
//         [index=X,Y,Z] [whole=1] [fail=PIECE] [note=TEXT]
//   read path=F [region=X,Y,Z,SX,SY,SZ] [add=N] [pieces=N]
//         [paste=X,Y,Z,SX,SY,SZ]: where `add` counts
//   types path=F mode=w|r type=T [slab=1]    an image of another pixel type; slab: half of it
//   reread path=F [type=float]               replaced by another image between two readings
//   dump path=F                              pixels as float, and the measurement frame
//
// The pixel at (x, y, z) is 1 + x + 3y + 7z + add, modulo 4096, in the image's own space.
#include <itkDiffusionTensor3D.h>
#include <itkExtractImageFilter.h>
#include <itkImage.h>
#include <itkImageFileReader.h>
#include <itkImageFileWriter.h>
#include <itkImageRegionIteratorWithIndex.h>
#include <itkImageSource.h>
#include <itkMetaDataObject.h>
#include <itkRGBPixel.h>
#include <itkVectorImage.h>

#include <complex>
#include <cstdio>
#include <cstring>
#include <iostream>
#include <map>
#include <sstream>
#include <string>
#include <vector>

namespace {

using Job = std::map<std::string, std::string>;
using Image = itk::Image<unsigned short, 3>;

std::vector<long> numbers(const std::string& text) {
  std::vector<long> result;
  std::istringstream in(text);
  for (std::string word; std::getline(in, word, ',');) result.push_back(std::stol(word));
  return result;
}

long number(Job& job, const char* key, long usual) {
  return job.count(key) ? std::stol(job[key]) : usual;
}

Image::RegionType box(const std::vector<long>& values) {
  Image::RegionType region;
  for (unsigned axis = 0; axis < 3; ++axis) {
    region.SetIndex(axis, values[axis]);
    region.SetSize(axis, static_cast<itk::SizeValueType>(values[3 + axis]));
  }
  return region;
}

unsigned short value_at(const Image::IndexType& at, const Image::IndexType& first, long add) {
  return static_cast<unsigned short>(
      (1 + (at[0] - first[0]) + 3 * (at[1] - first[1]) + 7 * (at[2] - first[2]) + add) & 0xfff);
}

// Computes what it is asked for, piece by piece.
class Ramp : public itk::ImageSource<Image> {
 public:
  using Self = Ramp;
  using Superclass = itk::ImageSource<Image>;
  using Pointer = itk::SmartPointer<Self>;
  itkNewMacro(Self);

  Image::RegionType whole;
  long add = 0, pulls = 0, fails_at = -1;
  bool delivers_all = false;

 protected:
  void GenerateOutputInformation() override {
    Image* const image = GetOutput();
    image->SetLargestPossibleRegion(whole);
    const double spacing[3] = {0.5, 0.75, 2}, origin[3] = {-10, 20, 30};
    Image::DirectionType direction;
    direction.SetIdentity();
    direction[0][0] = direction[1][1] = 0;
    direction[0][1] = -1;
    direction[1][0] = 1;
    image->SetSpacing(spacing);
    image->SetOrigin(origin);
    image->SetDirection(direction);
  }
  void EnlargeOutputRequestedRegion(itk::DataObject* image) override {
    if (delivers_all) image->SetRequestedRegionToLargestPossibleRegion();
  }
  void GenerateData() override {
    if (pulls++ == fails_at) itkExceptionMacro(<< "the source fails");
    AllocateOutputs();
    Image* const image = GetOutput();
    for (itk::ImageRegionIteratorWithIndex<Image> it(image, image->GetBufferedRegion());
         !it.IsAtEnd(); ++it)
      it.Set(value_at(it.GetIndex(), whole.GetIndex(), add));
  }
};

void write(Job& job) {
  auto source = Ramp::New();
  const auto size = numbers(job["size"]);
  const auto index = job.count("index") ? numbers(job["index"]) : std::vector<long>{0, 0, 0};
  source->whole = box({index[0], index[1], index[2], size[0], size[1], size[2]});
  source->add = number(job, "add", 0);
  source->fails_at = number(job, "fail", -1);
  source->delivers_all = job.count("whole") > 0;
  auto writer = itk::ImageFileWriter<Image>::New();
  writer->SetInput(source->GetOutput());
  writer->SetFileName(job["path"]);
  writer->SetNumberOfStreamDivisions(static_cast<unsigned>(number(job, "divisions", 1)));
  writer->SetUseCompression(job.count("compress") > 0);
  if (job.count("level")) writer->SetCompressionLevel(static_cast<int>(number(job, "level", 2)));
  if (job.count("paste")) {
    const Image::RegionType region = box(numbers(job["paste"]));
    itk::ImageIORegion io(3);
    for (unsigned axis = 0; axis < 3; ++axis) {
      io.SetIndex(axis, region.GetIndex(axis));
      io.SetSize(axis, region.GetSize(axis));
    }
    writer->SetIORegion(io);
  }
  auto& dictionary = source->GetOutput()->GetMetaDataDictionary();
  if (job.count("note")) {
    itk::EncapsulateMetaData<std::string>(dictionary, "Study", job["note"]);
    itk::EncapsulateMetaData<double>(dictionary, "Dose", 2.5);
    itk::EncapsulateMetaData<std::string>(dictionary, "ITK_FileNotes", job["note"]);
    itk::EncapsulateMetaData<std::string>(dictionary, "0010|0010", "Doe^Jane");
    itk::EncapsulateMetaData<std::string>(dictionary, "bad\rkey", "a key that no format holds");
    itk::EncapsulateMetaData<itk::Array<int>>(dictionary, "Odd", itk::Array<int>());
  }
  writer->Update();
  std::printf("%s pulls %ld\n", writer->GetImageIO()->GetNameOfClass(), source->pulls);
}

void read(Job& job) {
  auto reader = itk::ImageFileReader<Image>::New();
  reader->SetFileName(job["path"]);
  reader->UpdateOutputInformation();
  const Image::RegionType whole = reader->GetOutput()->GetLargestPossibleRegion();
  const Image::RegionType wanted = job.count("region") ? box(numbers(job["region"])) : whole;
  const Image::RegionType pasted =
      job.count("paste") ? box(numbers(job["paste"])) : Image::RegionType();
  const long pieces = number(job, "pieces", 1), add = number(job, "add", 0);
  size_t wrong = 0, most = 0;
  for (long i = 0; i < pieces; ++i) {
    Image::RegionType piece = wanted;
    const long size = static_cast<long>(wanted.GetSize(2));
    piece.SetIndex(2, wanted.GetIndex(2) + size * i / pieces);
    piece.SetSize(2, static_cast<itk::SizeValueType>(size * (i + 1) / pieces - size * i / pieces));
    reader->GetOutput()->SetRequestedRegion(piece);
    reader->Update();
    most = std::max(most, reader->GetOutput()->GetBufferedRegion().GetNumberOfPixels());
    for (itk::ImageRegionIteratorWithIndex<Image> it(reader->GetOutput(), piece); !it.IsAtEnd();
         ++it) {
      const bool is_new = job.count("paste") && pasted.IsInside(it.GetIndex());
      wrong += it.Get() != value_at(it.GetIndex(), whole.GetIndex(), is_new ? add : 0);
    }
  }
  std::printf("%s wrong %zu buffered %zu origin", reader->GetImageIO()->GetNameOfClass(), wrong,
              most);
  const auto* const image = reader->GetOutput();
  for (unsigned axis = 0; axis < 3; ++axis) std::printf(" %.6g", image->GetOrigin()[axis]);
  std::printf(" spacing");
  for (unsigned axis = 0; axis < 3; ++axis) std::printf(" %.6g", image->GetSpacing()[axis]);
  std::printf(" direction");
  for (unsigned i = 0; i < 9; ++i) std::printf(" %.6g", image->GetDirection()[i / 3][i % 3] + 0.0);
  const auto& dictionary = reader->GetMetaDataDictionary();
  for (const char* key : {"Study", "Dose", "ITK_FileNotes", "0010|0010"}) {
    std::string text;
    if (itk::ExposeMetaData<std::string>(dictionary, key, text) && !text.empty())
      std::printf(" %s=%s", key, text.c_str());
  }
  std::printf("\n");
}

// The bytes of an image of 6 pixels along each axis, whatever its pixels are.
template <class Any>
void write_or_read(Job& job, unsigned components = 0) {
  auto image = Any::New();
  typename Any::SizeType size;
  size.Fill(6);
  image->SetRegions(size);
  if (components) image->SetNumberOfComponentsPerPixel(components);
  image->Allocate();
  auto* bytes = reinterpret_cast<unsigned char*>(image->GetBufferPointer());
  const size_t count = image->GetPixelContainer()->Size() * sizeof(*image->GetBufferPointer());
  for (size_t i = 0; i < count; ++i) bytes[i] = static_cast<unsigned char>(i * 37 % 61);
  if (job["mode"] == "w") {
    auto writer = itk::ImageFileWriter<Any>::New();
    writer->SetInput(image);
    writer->SetFileName(job["path"]);
    writer->SetNumberOfStreamDivisions(3);
    writer->Update();
    std::printf("%s written\n", writer->GetImageIO()->GetNameOfClass());
    return;
  }
  auto reader = itk::ImageFileReader<Any>::New();
  reader->SetFileName(job["path"]);
  // A slab alone: vectors too are read in part.
  typename Any::RegionType slab = image->GetLargestPossibleRegion();
  slab.SetIndex(Any::ImageDimension - 1, 2);
  slab.SetSize(Any::ImageDimension - 1, 3);
  reader->UpdateOutputInformation();
  if (job.count("slab")) reader->GetOutput()->SetRequestedRegion(slab);
  reader->Update();
  const auto* const got = reader->GetOutput();
  const size_t bytes_got = got->GetPixelContainer()->Size() * sizeof(*got->GetBufferPointer());
  const size_t skipped = job.count("slab") ? count / 6 * 2 : 0;
  const bool same = bytes_got == (job.count("slab") ? count / 2 : count) &&
                    std::memcmp(got->GetBufferPointer(), bytes + skipped, bytes_got) == 0;
  std::printf("%s %s\n", reader->GetImageIO()->GetNameOfClass(), same ? "same" : "DIFFERENT");
}

void types(Job& job) {
  const std::string type = job["type"];
  if (type == "int64_3") return write_or_read<itk::Image<long, 3>>(job);
  if (type == "double_2") return write_or_read<itk::Image<double, 2>>(job);
  if (type == "float_4") return write_or_read<itk::Image<float, 4>>(job);
  if (type == "rgb") return write_or_read<itk::Image<itk::RGBPixel<unsigned char>, 3>>(job);
  if (type == "vector") return write_or_read<itk::Image<itk::Vector<float, 3>, 3>>(job);
  if (type == "vectorimage") return write_or_read<itk::VectorImage<float, 3>>(job, 5);
  if (type == "complex") return write_or_read<itk::Image<std::complex<float>, 3>>(job);
  if (type == "tensor") return write_or_read<itk::Image<itk::DiffusionTensor3D<float>, 3>>(job);
  throw std::runtime_error("no such type");
}

// The bytes of the pixels as float32, and the type in the file.
void dump(Job& job) {
  using Any = itk::Image<float, 3>;
  auto reader = itk::ImageFileReader<Any>::New();
  reader->SetFileName(job["path"]);
  reader->Update();
  const auto* const image = reader->GetOutput();
  std::printf(
      "%s %s", reader->GetImageIO()->GetNameOfClass(),
      itk::ImageIOBase::GetComponentTypeAsString(reader->GetImageIO()->GetComponentType()).c_str());
  for (size_t i = 0; i < image->GetPixelContainer()->Size(); ++i)
    std::printf(" %.9g", image->GetBufferPointer()[i]);
  std::printf(" frame");
  std::vector<std::vector<double>> frame;
  itk::ExposeMetaData(reader->GetMetaDataDictionary(), "NRRD_measurement frame", frame);
  for (const auto& vector : frame) {
    for (const double value : vector) std::printf(" %g", value + 0.0);
  }
  std::printf("\n");
}

// Reads a file, writes another image over it, and has the same reader read again what it knows.
void reread(Job& job) {
  auto reader = itk::ImageFileReader<Image>::New();
  reader->SetFileName(job["path"]);
  reader->Update();
  const auto size = reader->GetOutput()->GetLargestPossibleRegion().GetSize();
  if (job.count("type")) {
    auto image = itk::Image<float, 3>::New();
    image->SetRegions(size);
    image->Allocate(true);
    auto writer = itk::ImageFileWriter<itk::Image<float, 3>>::New();
    writer->SetInput(image);
    writer->SetFileName(job["path"]);
    writer->Update();
  } else {
    auto source = Ramp::New();
    source->whole.SetSize(size);
    source->add = 500;
    auto writer = itk::ImageFileWriter<Image>::New();
    writer->SetInput(source->GetOutput());
    writer->SetFileName(job["path"]);
    writer->Update();
  }
  std::vector<char> pixels(2 * size[0] * size[1] * size[2]);
  reader->GetImageIO()->Read(pixels.data());
  unsigned short first = 0;
  std::memcpy(&first, pixels.data(), sizeof first);
  std::printf("second reading has %s pixels\n", first == 501 ? "new" : "old");
}

void run(Job& job) {
  try {
    if (job["job"] == "reread") reread(job);
    if (job["job"] == "write") write(job);
    if (job["job"] == "read") read(job);
    if (job["job"] == "types") types(job);
    if (job["job"] == "dump") dump(job);
  } catch (const itk::ExceptionObject& error) {
    std::string what = error.GetDescription();
    for (char& c : what) c = c == '\n' ? ' ' : c;
    std::printf("error: %s\n", what.c_str());
  }
}

}  // namespace

int main() {
  for (std::string line; std::getline(std::cin, line);) {
    Job job;
    std::istringstream in(line);
    in >> job["job"];
    for (std::string word; in >> word;) {
      const auto equals = word.find('=');
      job[word.substr(0, equals)] = equals == std::string::npos ? "" : word.substr(equals + 1);
    }
    run(job);
    std::fflush(stdout);
  }
}
