# check_headers: each header of src/ compiles alone. One generated file per header includes it and
# nothing else; built on request (script/lint), so incremental and cached like the rest.
file(GLOB_RECURSE headers CONFIGURE_DEPENDS RELATIVE ${CMAKE_SOURCE_DIR}/src
  ${CMAKE_SOURCE_DIR}/src/*.h)
set(alone)
foreach(header ${headers})
  set(source ${CMAKE_BINARY_DIR}/check_headers/${header}.cc)
  file(CONFIGURE OUTPUT ${source} CONTENT "#include \"${header}\"\n")
  list(APPEND alone ${source})
endforeach()
add_library(check_headers OBJECT EXCLUDE_FROM_ALL ${alone})
target_compile_options(check_headers PRIVATE -O0 -g0)
target_link_libraries(check_headers PRIVATE airloom_daemon)
