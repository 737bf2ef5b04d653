# cmake -DVERSION=... -DDESCRIPTION=... -DURL=... -DOUTPUT=FILE -P make_pom.cmake
# Makes the pom of the jar. URL is the public address of the repository; a public Maven repository
# wants it, and a pom without it is for others.
set(WHERE "")
set(SCM "")
if(URL)
  string(REGEX REPLACE "\\.git$" "" site "${URL}")
  set(WHERE "  <url>${site}</url>\n")
  set(SCM "  <scm>
    <connection>scm:git:${URL}</connection>
    <developerConnection>scm:git:${URL}</developerConnection>
    <url>${site}</url>
  </scm>
")
endif()
configure_file(${CMAKE_CURRENT_LIST_DIR}/pom.xml.in ${OUTPUT} @ONLY)
