// What ITK calls when it loads the plug-in.
#include <dlfcn.h>
#include <itkCreateObjectFunction.h>
#include <itkObjectFactoryBase.h>
#include <itkVersion.h>

#include <cstdio>
#include <cstring>

#include "image_io.h"

namespace swr_itk {
namespace {

class SwrImageIOFactory : public itk::ObjectFactoryBase {
 public:
  using Self = SwrImageIOFactory;
  using Superclass = itk::ObjectFactoryBase;
  using Pointer = itk::SmartPointer<Self>;
  itkFactorylessNewMacro(Self);
  itkTypeMacro(SwrImageIOFactory, ObjectFactoryBase);
  const char* GetITKSourceVersion() const override { return ITK_SOURCE_VERSION; }
  const char* GetDescription() const override {
    return "swr: streams and pastes images of any size";
  }

 protected:
  SwrImageIOFactory() {
    RegisterOverride("itkImageIOBase", "SwrImageIO", "ImageIO of swr", true,
                     itk::CreateObjectFunction<SwrImageIO>::New());
  }
};

// A factory that makes nothing, for the loader.
class EmptyFactory : public itk::ObjectFactoryBase {
 public:
  using Self = EmptyFactory;
  using Superclass = itk::ObjectFactoryBase;
  using Pointer = itk::SmartPointer<Self>;
  itkFactorylessNewMacro(Self);
  itkTypeMacro(EmptyFactory, ObjectFactoryBase);
  const char* GetITKSourceVersion() const override { return ITK_SOURCE_VERSION; }
  const char* GetDescription() const override { return "swr: see its other factory"; }
};

const void* library_of(const void* address) {
  Dl_info info = {};
  return dladdr(address, &info) ? info.dli_fbase : nullptr;
}

// Whether the ITK at this address is the one that the plug-in's classes belong to. A program with
// ITK inside (SimpleITK, the Python wheels) has another one.
bool is_our_itk(const void* caller) {
  bool (*const of_itk)(itk::ObjectFactoryBase*, itk::ObjectFactoryBase::InsertionPositionEnum,
                       size_t) = &itk::ObjectFactoryBase::RegisterFactory;
  return library_of(caller) == library_of(reinterpret_cast<const void*>(of_itk));
}

}  // namespace
}  // namespace swr_itk

// ITK appends the factory that it gets here to its own ones, which would then take every file. So
// the real one registers itself, in front of them.
extern "C" __attribute__((visibility("default"))) itk::ObjectFactoryBase* itkLoad() {
  using namespace swr_itk;
  static const EmptyFactory::Pointer empty = EmptyFactory::New();
  static const SwrImageIOFactory::Pointer factory = SwrImageIOFactory::New();
  if (!is_our_itk(__builtin_return_address(0))) {
    std::fprintf(stderr,
                 "swr_itk: this program has a copy of ITK inside, which cannot use the plug-in for "
                 "the shared libraries of ITK: do not set ITK_AUTOLOAD_PATH for it\n");
  } else if (std::strcmp(itk::Version::GetITKVersion(), ITK_VERSION) != 0) {
    std::fprintf(stderr,
                 "swr_itk: this program has ITK %s, and the plug-in was built with " ITK_VERSION
                 ": it is not used\n",
                 itk::Version::GetITKVersion());
  } else {
    itk::ObjectFactoryBase::RegisterFactory(
        factory, itk::ObjectFactoryBase::InsertionPositionEnum::INSERT_AT_FRONT);
  }
  return empty;
}
