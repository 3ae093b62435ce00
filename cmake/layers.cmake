# One static library per folder of src/. A layer names the layers that it may include;
# docs/ARCHITECTURE.md has the table and script/check-layers holds the code to it.

# airloom_layer(NAME DEPS layer... [LIBS target...])
function(airloom_layer name)
  cmake_parse_arguments(ARG "" "" "DEPS;LIBS" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/src/${name}/*.cc)
  list(TRANSFORM ARG_DEPS PREPEND airloom_)
  if(sources)
    add_library(airloom_${name} STATIC ${sources})
    set(scope PUBLIC)
  else()
    add_library(airloom_${name} INTERFACE)
    set(scope INTERFACE)
  endif()
  target_include_directories(airloom_${name} ${scope} ${CMAKE_SOURCE_DIR}/src)
  target_link_libraries(airloom_${name} ${scope} ${ARG_DEPS} ${ARG_LIBS})
endfunction()

# airloom_unit_tests(LAYER): one test binary per layer, from tests/unit/LAYER/*.cc.
function(airloom_unit_tests layer)
  cmake_parse_arguments(ARG "" "" "LIBS" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/tests/unit/${layer}/*.cc)
  if(NOT sources)
    return()
  endif()
  add_executable(unit_${layer} ${sources})
  target_include_directories(unit_${layer} PRIVATE ${CMAKE_SOURCE_DIR}/tests)
  target_compile_definitions(unit_${layer}
    PRIVATE AIRLOOM_VECTORS="${CMAKE_SOURCE_DIR}/tests/vectors")
  target_link_libraries(unit_${layer} PRIVATE airloom_${layer} ${ARG_LIBS} GTest::gmock_main)
  gtest_discover_tests(unit_${layer} TEST_PREFIX "unit/${layer}/" DISCOVERY_MODE PRE_TEST)
endfunction()
