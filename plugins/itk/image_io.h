// The ImageIO that ITK's readers and writers use in place of their own.
#pragma once

#include <itkImageIOBase.h>

#include <memory>
#include <string>

#include "swr/swr.h"
#include "writing.h"

namespace swr_itk {

// Reads and writes regions of any size. ITK's order of calls: for reading ReadImageInformation(),
// then Read() once for each piece; for writing GetActualNumberOfSplitsForWriting(), then Write()
// once for each piece.
class SwrImageIO : public itk::ImageIOBase {
 public:
  ITK_DISALLOW_COPY_AND_MOVE(SwrImageIO);
  using Self = SwrImageIO;
  using Superclass = itk::ImageIOBase;
  using Pointer = itk::SmartPointer<Self>;
  itkNewMacro(Self);
  itkTypeMacro(SwrImageIO, ImageIOBase);

  bool SupportsDimension(unsigned long dimensions) override;

  bool CanReadFile(const char* path) override;
  bool CanStreamRead() override { return true; }
  void ReadImageInformation() override;
  void Read(void* buffer) override;
  itk::ImageIORegion GenerateStreamableReadRegionFromRequestedRegion(
      const itk::ImageIORegion& requested) const override;

  bool CanWriteFile(const char* path) override;
  bool CanStreamWrite() override { return true; }
  void WriteImageInformation() override {}
  unsigned int GetActualNumberOfSplitsForWriting(unsigned int requested,
                                                 const itk::ImageIORegion& region,
                                                 const itk::ImageIORegion& image) override;
  void Write(const void* buffer) override;

 protected:
  SwrImageIO();
  ~SwrImageIO() override = default;

 private:
  struct Destroy {
    void operator()(swr_reader* reader) const { swr_reader_destroy(reader); }
  };

  void ReadScale();
  void ReadGeometry(const swr_region& region);
  void OpenAgain();
  void ReadScaled(const swr_region& region, char* buffer);
  void ReadStored(const swr_region& region, void* buffer);
  WriteRequest RequestWithoutPlan() const;
  void CheckReader(swr_status status);

  std::unique_ptr<swr_reader, Destroy> m_Reader;
  std::string m_OpenPath;
  swr_region m_Whole = {};
  // The component type in the file, and the rule that makes other values of it, as ITK applies it.
  swr_component m_Stored = SWR_COMPONENT_UNKNOWN;
  bool m_IsScaled = false;
  double m_Slope = 1, m_Intercept = 0;

  std::unique_ptr<WriteRequest> m_Plan;
  std::unique_ptr<Writing> m_Writing;
};

}  // namespace swr_itk
