# add_module(NAME DEPS a b PRIVATE_DEPS c): src/NAME as one library.
#
# A module sees only the headers of itself and of its DEPS: every module exports one include root,
# build/include_roots/NAME, that holds nothing but a link NAME -> src/NAME. An upward include is "file not
# found"; a dependency that is not a target yet is a configure error, so a cycle cannot be written.
# Tests (src/NAME/*_test.cpp) are collected into one GoogleTest binary per module, NAME_test.
function(add_module name)
  cmake_parse_arguments(M "" "" "DEPS;PRIVATE_DEPS;LIBS;PRIVATE_LIBS" ${ARGN})
  foreach(dep IN LISTS M_DEPS M_PRIVATE_DEPS)
    if(NOT TARGET ${dep})
      message(FATAL_ERROR "module ${name} depends on ${dep}, which is not a lower layer (list modules bottom-up)")
    endif()
  endforeach()
  set(root ${CMAKE_BINARY_DIR}/include_roots/${name})
  file(MAKE_DIRECTORY ${root} ${CMAKE_SOURCE_DIR}/src/${name})
  file(CREATE_LINK ${CMAKE_SOURCE_DIR}/src/${name} ${root}/${name} SYMBOLIC)
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/src/${name}/*.cpp)
  set(tests ${sources})
  list(FILTER sources EXCLUDE REGEX "_(test|bench|fuzz)\\.cpp$")
  list(FILTER tests INCLUDE REGEX "_test\\.cpp$")
  if(sources)
    add_library(${name} STATIC ${sources})
    target_include_directories(${name} PUBLIC ${root})
    target_link_libraries(${name} PUBLIC ${M_DEPS} ${M_LIBS} PRIVATE ${M_PRIVATE_DEPS} ${M_PRIVATE_LIBS})
  else()
    add_library(${name} INTERFACE)
    target_include_directories(${name} INTERFACE ${root})
    target_link_libraries(${name} INTERFACE ${M_DEPS} ${M_LIBS})
  endif()
  if(tests)
    add_executable(${name}_test EXCLUDE_FROM_ALL ${tests})
    target_link_libraries(${name}_test PRIVATE ${name} ${M_PRIVATE_DEPS} GTest::gtest_main)
    # From here the relative __FILE__ of a cached compilation leads to the sources: golden files, test data.
    add_test(NAME ${name} COMMAND ${name}_test WORKING_DIRECTORY ${CMAKE_BINARY_DIR})
    set_property(GLOBAL APPEND PROPERTY MANGROVE_TESTS ${name}_test)
  endif()
endfunction()
