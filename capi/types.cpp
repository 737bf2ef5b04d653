#include "swr/types.h"

#include "image/unit.h"

extern "C" {

const char* swr_status_name(swr_status status) {
  switch (status) {
#define SWR_STATUS_ROW(number, name, sentence) \
  case SWR_##name: return #name;
    SWR_STATUS_MAP(SWR_STATUS_ROW)
#undef SWR_STATUS_ROW
    default: return "UNKNOWN";
  }
}

const char* swr_status_text(swr_status status) {
  switch (status) {
#define SWR_STATUS_ROW(number, name, sentence) \
  case SWR_##name: return sentence;
    SWR_STATUS_MAP(SWR_STATUS_ROW)
#undef SWR_STATUS_ROW
    default: return "there is no such status";
  }
}

const char* swr_version(void) {
  return SWR_VERSION_STRING;
}

const char* swr_unit_name(swr_unit unit) {
  return swr::unit_name(unit);
}

swr_unit swr_unit_from_name(const char* name) {
  return name ? swr::unit_of_name(name) : SWR_UNIT_NONE;
}

}  // extern "C"
