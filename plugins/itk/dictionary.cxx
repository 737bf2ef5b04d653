#include "dictionary.h"

#include <itkIOCommon.h>

#include "swr/itk.hpp"
#include "which_files.h"

namespace swr_itk {
namespace {

// NIfTI's field for a sentence has a name of its own in ITK's dictionaries.
constexpr const char* description = "descrip";
constexpr const char* measurement_frame = "NRRD_measurement frame";

// "(1,0,0) (0,1,0) (0,0,1)" as ITK has it.
std::vector<std::vector<double>> vectors_of(const std::string& text) {
  std::vector<std::vector<double>> vectors;
  std::istringstream in(text);
  in.imbue(std::locale::classic());
  for (char mark = 0; in >> mark;) {
    if (mark == '(') vectors.emplace_back();
    double number = 0;
    if (mark != ')' && !vectors.empty() && in >> number) vectors.back().push_back(number);
  }
  return vectors;
}

// Like "0010|0010": an element of a DICOM file, a patient's name perhaps. ITK writes these into
// MetaImage and NRRD files and nowhere else.
bool is_dicom_element(const std::string& key) {
  return key.size() == 9 && key[4] == '|' &&
         key.find_first_not_of("0123456789abcdefABCDEF|") == std::string::npos;
}

bool is_for_format(const std::string& key, const std::string& format) {
  return !is_own_entry(key) &&
         (format == "MetaImage" || format == "NRRD" || !is_dicom_element(key));
}

itk::MetaDataDictionary chosen_entries(const itk::MetaDataDictionary& all,
                                       const std::string& format) {
  itk::MetaDataDictionary chosen;
  for (const std::string& key : all.GetKeys()) {
    if (is_for_format(key, format)) chosen.Set(key, const_cast<itk::MetaDataObjectBase*>(all[key]));
  }
  std::string notes;
  if (format == "NIfTI" && itk::ExposeMetaData<std::string>(all, itk::ITK_FileNotes, notes))
    itk::EncapsulateMetaData<std::string>(chosen, description, notes);
  return chosen;
}

// Sets one entry after the other, without those that make the write impossible.
void set_possible_entries(const itk::MetaDataDictionary& entries, swr_writer* writer,
                          std::vector<std::string>& warnings) {
  for (const std::string& key : entries.GetKeys()) {
    std::string text;
    if (!entry_text(entries, key, text) || text.empty()) continue;
    if (swr_set_metadata(writer, key.c_str(), text.c_str()) == SWR_OK &&
        swr_check(writer) == SWR_OK) {
      continue;
    }
    warnings.push_back(std::string(swr_writer_message(writer)) + "; the entry is left out");
    swr_set_metadata(writer, key.c_str(), nullptr);
  }
}

}  // namespace

void read_dictionary(swr_reader* reader, const std::string& format,
                     itk::MetaDataDictionary& dictionary) {
  int32_t count = 0;
  swr_reader_get_metadata_count(reader, &count);
  for (int32_t i = 0; i < count; ++i) {
    const char *key = nullptr, *value = nullptr;
    if (swr_reader_get_metadata_at(reader, i, &key, &value) != SWR_OK) continue;
    if (std::string(key) == measurement_frame) {
      itk::EncapsulateMetaData<std::vector<std::vector<double>>>(dictionary, key,
                                                                 vectors_of(value));
    } else {
      itk::EncapsulateMetaData<std::string>(dictionary, key, value);
    }
    if (format == "NIfTI" && std::string(key) == description)
      itk::EncapsulateMetaData<std::string>(dictionary, itk::ITK_FileNotes, value);
  }
}

void write_dictionary(const itk::MetaDataDictionary& dictionary, const std::string& format,
                      swr_writer* writer, std::vector<std::string>& warnings) {
  if (!format_can(format, SWR_HOLDS_METADATA)) return;
  const itk::MetaDataDictionary entries = chosen_entries(dictionary, format);
  const bool possible_without = swr_check(writer) == SWR_OK;
  std::vector<std::string> other_types;
  const swr_status set = swr_set_metadata_from_itk(writer, entries, &other_types);
  for (const std::string& key : other_types)
    warnings.push_back("the metadata \"" + key +
                       "\" is neither text nor a number, and is left out");
  if (!possible_without || (set == SWR_OK && swr_check(writer) == SWR_OK)) return;
  for (const std::string& key : entries.GetKeys()) swr_set_metadata(writer, key.c_str(), nullptr);
  set_possible_entries(entries, writer, warnings);
}

}  // namespace swr_itk
