// ITK's writer, with a source that makes each requested region.
//   out=x.mha   divisions=N   compress=LEVEL   paste=x,y,z,sx,sy,sz   repeat=N   cold=1
#include <itkHDF5ImageIOFactory.h>
#include <itkImage.h>
#include <itkImageFileWriter.h>
#include <itkImageSource.h>
#include <itkMetaImageIOFactory.h>
#include <itkNiftiImageIOFactory.h>
#include <itkNrrdImageIOFactory.h>
#include <itkTIFFImageIOFactory.h>
#include <itkVTKImageIOFactory.h>

#include "volume.h"

namespace {

using Image = itk::Image<uint16_t, 3>;

class Volume : public itk::ImageSource<Image> {
 public:
  using Self = Volume;
  using Superclass = itk::ImageSource<Image>;
  using Pointer = itk::SmartPointer<Self>;
  itkNewMacro(Self);
  const bench::Source* source = nullptr;

 protected:
  void GenerateOutputInformation() override {
    Image::SizeType size{{itk::SizeValueType(source->size(0)), itk::SizeValueType(source->size(1)),
                          itk::SizeValueType(source->size(2))}};
    this->GetOutput()->SetLargestPossibleRegion(size);
  }
  void GenerateData() override {
    this->AllocateOutputs();
    Image* const image = this->GetOutput();
    const auto region = image->GetBufferedRegion();
    int64_t index[3], size[3];
    for (unsigned axis = 0; axis < 3; ++axis)
      index[axis] = region.GetIndex(axis), size[axis] = int64_t(region.GetSize(axis));
    source->fill(image->GetBufferPointer(), index, size);
  }
};

void write(const bench::Arguments& arguments, const bench::Source& source) {
  auto volume = Volume::New();
  volume->source = &source;
  auto writer = itk::ImageFileWriter<Image>::New();
  writer->SetFileName(arguments.text("out"));
  writer->SetInput(volume->GetOutput());
  writer->SetNumberOfStreamDivisions(static_cast<unsigned>(arguments.number("divisions", 1)));
  writer->SetUseCompression(arguments.has("compress"));
  if (arguments.number("compress", 0) > 0)
    writer->SetCompressionLevel(static_cast<int>(arguments.number("compress", 6)));
  if (arguments.has("paste")) {
    long long box[6] = {};
    std::sscanf(arguments.text("paste").c_str(), "%lld,%lld,%lld,%lld,%lld,%lld", box, box + 1,
                box + 2, box + 3, box + 4, box + 5);
    itk::ImageIORegion region(3);
    for (unsigned axis = 0; axis < 3; ++axis)
      region.SetIndex(axis, box[axis]), region.SetSize(axis, box[3 + axis]);
    writer->SetIORegion(region);
  }
  writer->Update();
}

}  // namespace

int main(int count, char** words) {
  const bench::Arguments arguments(count, words);
  const bench::Source source(arguments);
  itk::MetaImageIOFactory::RegisterOneFactory();
  itk::NrrdImageIOFactory::RegisterOneFactory();
  itk::NiftiImageIOFactory::RegisterOneFactory();
  itk::VTKImageIOFactory::RegisterOneFactory();
  itk::TIFFImageIOFactory::RegisterOneFactory();
  itk::HDF5ImageIOFactory::RegisterOneFactory();
  const int64_t repeat = arguments.number("repeat", 1);
  bench::Meter meter;
  try {
    for (int64_t i = 0; i < repeat; ++i) {
      if (arguments.has("cold")) meter.evict(arguments.text("out"));
      write(arguments, source);
    }
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
  meter.print(arguments.has("paste") ? repeat : source.bytes(), arguments.text("out"));
}
