#include "formats/hdf5_library.h"

namespace swr {
namespace {

Mutex& library_mutex() {
  static Mutex mutex;
  return mutex;
}

#if SWR_HDF5_IS_PRIVATE

// A copy of the library that nobody else uses. It has nothing to do when the program ends, and what
// holds it may be unloaded before. It knows no external links: their values are neither looked at
// nor followed.
void prepare_library() {
  [[maybe_unused]] static const herr_t no_end = H5dont_atexit();
  [[maybe_unused]] static const herr_t no_links = H5Lunregister(H5L_TYPE_EXTERNAL);
}

#else

// Some damaged files make the library lose objects of its own. It would print a complaint about
// them ("infinite loop closing library") when the program ends, unless errors are not printed.
struct QuietEnd {
  ~QuietEnd() { H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr); }
};

void prepare_library() {
  // In this order, so that it is destroyed before the library ends.
  [[maybe_unused]] static const herr_t begun = H5open();
  [[maybe_unused]] static const QuietEnd end;
}

#endif

// The first error of the stack is the innermost one.
herr_t take_error(unsigned number, const H5E_error2_t* error, void* data) noexcept {
  auto& failure = *static_cast<Hdf5Failure*>(data);
  // Not only of H5E_RESOURCE: tables of properties and others have their own major number. Space in
  // the file, which these minor numbers mean too, is never given by the library: Hdf5Bytes does.
  if (error->min_num == H5E_NOSPACE || error->min_num == H5E_CANTALLOC) failure.is_memory = true;
  try {
    if (number == 0 && error->desc) failure.text = error->desc;
  } catch (const std::bad_alloc&) {
    failure.is_memory = true;
  }
  return 0;
}

}  // namespace

Hdf5Calls::Hdf5Calls() : lock_(library_mutex()) {
  prepare_library();
  H5Eget_auto2(H5E_DEFAULT, &report_, &report_data_);
  H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr);
}

Hdf5Calls::~Hdf5Calls() {
  H5Eset_auto2(H5E_DEFAULT, report_, report_data_);
}

Hdf5Failure last_hdf5_failure() {
  Hdf5Failure failure;
  H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, take_error, &failure);
  return failure;
}

}  // namespace swr
