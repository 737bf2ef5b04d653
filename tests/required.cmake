# With SWR_STRICT, as on CI, a missing program or library for a test is an error here, not a test
# that is left out.
set(missing "")
foreach(program abidiff abidw readelf teem-unu nifti_tool pigz swig javac mvn dotnet node mpirun
  mpicc gzip doxygen h5dump)
  find_program(SWR_REQUIRED_${program} ${program})
  mark_as_advanced(SWR_REQUIRED_${program})
  if(NOT SWR_REQUIRED_${program})
    list(APPEND missing ${program})
  endif()
endforeach()
file(GLOB itk /usr/lib/cmake/ITK-*/ITKConfig.cmake /usr/lib/*/cmake/ITK-*/ITKConfig.cmake
  ${ITK_DIR}/ITKConfig.cmake)
file(GLOB vtk /usr/lib/cmake/vtk-*/vtk-config.cmake /usr/lib/*/cmake/vtk-*/vtk-config.cmake
  ${VTK_DIR}/vtk-config.cmake)
foreach(package itk vtk)
  if(NOT ${package})
    list(APPEND missing ${package})
  endif()
endforeach()
execute_process(COMMAND /usr/bin/python3 -c "import h5py, numpy, nibabel, mrcfile, vtkmodules"
  RESULT_VARIABLE status OUTPUT_QUIET ERROR_QUIET)
if(NOT status EQUAL 0)
  list(APPEND missing "h5py, numpy, nibabel, mrcfile and vtkmodules of /usr/bin/python3")
endif()
foreach(package @niivue/niivue nrrd-js)
  if(NOT EXISTS ${PROJECT_SOURCE_DIR}/build/node/node_modules/${package}/package.json)
    list(APPEND missing "${package} of npm")
  endif()
endforeach()
if(missing)
  list(JOIN missing ", " missing)
  message(FATAL_ERROR
    "SWR_STRICT: the tests need: ${missing}. scripts/bootstrap installs what Debian and npm have.")
endif()
