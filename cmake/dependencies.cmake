# Everything comes from Debian 12; scripts/setup installs it.
find_package(Threads REQUIRED)
find_package(OpenSSL REQUIRED)
find_package(SQLite3 REQUIRED)
find_package(ZLIB REQUIRED)
find_package(PkgConfig REQUIRED)
if(WEIR_STATIC_BOOST)
  set(Boost_USE_STATIC_LIBS ON)
endif()
find_package(Boost 1.81 REQUIRED COMPONENTS json url container)
find_package(fmt REQUIRED)
find_package(spdlog REQUIRED)
find_package(yaml-cpp REQUIRED)
find_package(date REQUIRED)
find_package(GTest REQUIRED)
pkg_check_modules(SODIUM REQUIRED IMPORTED_TARGET libsodium)

add_library(weir_dependencies INTERFACE)
target_link_libraries(weir_dependencies INTERFACE
  Boost::json Boost::url Boost::container OpenSSL::SSL OpenSSL::Crypto SQLite::SQLite3 ZLIB::ZLIB
  fmt::fmt spdlog::spdlog date::date-tz yaml-cpp PkgConfig::SODIUM Threads::Threads)
