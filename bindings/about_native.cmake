# cmake -DVERSION=... -DWRAPPERS=FOLDER "-DCODECS=zlib;..." -DOUTPUT=about.txt -P about_native.cmake
# Says of which version and with which wrappers native libraries were made, and what they have.
# take_natives.cmake reads it.
file(SHA256 ${WRAPPERS}/swrCSHARP_wrap.cxx csharp)
file(SHA256 ${WRAPPERS}/swrJAVA_wrap.cxx java)
list(JOIN CODECS " " has)
file(WRITE ${OUTPUT} "version ${VERSION}
swrCSHARP_wrap.cxx ${csharp}
swrJAVA_wrap.cxx ${java}
codecs ${has}
")
