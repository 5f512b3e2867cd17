// MD5, SHA1, SHA256, SHA512 as FixedString; by OpenSSL.

#include "functions/FunctionSpec.h"
#include "functions/scalar/registerScalar.h"

#include <openssl/evp.h>

namespace mangrove
{

namespace
{

std::string digest(const EVP_MD * algorithm, std::string_view bytes)
{
    unsigned char out[EVP_MAX_MD_SIZE];
    unsigned length = 0;
    if (EVP_Digest(bytes.data(), bytes.size(), out, &length, algorithm, nullptr) != 1)
        throw Exception(ErrorCode::LOGICAL_ERROR, "The digest is not available in OpenSSL");
    return {reinterpret_cast<const char *>(out), length};
}

void addDigest(FunctionRegistry & registry, const char * name, const EVP_MD * algorithm)
{
    const size_t length = EVP_MD_size(algorithm);
    addFunction(registry, {
        .name = name, .arguments_min = 1, .arguments_max = 1,
        .return_type = [=](const Arguments & arguments) -> DataTypePtr
        {
            expectString(name, arguments, 0);
            return std::make_shared<DataTypeFixedString>(length);
        },
        .execute = [=](const Arguments & arguments, const DataTypePtr &, size_t rows) -> ColumnPtr
        {
            StringArgument text(*arguments[0].column);
            auto result = ColumnFixedString::create(length);
            for (size_t i = 0; i < rows; ++i)
                result->append(digest(algorithm, text[i]));
            return result;
        }});
}

}

void registerDigests(FunctionRegistry & registry)
{
    addDigest(registry, "MD5", EVP_md5());
    addDigest(registry, "SHA1", EVP_sha1());
    addDigest(registry, "SHA224", EVP_sha224());
    addDigest(registry, "SHA256", EVP_sha256());
    addDigest(registry, "SHA384", EVP_sha384());
    addDigest(registry, "SHA512", EVP_sha512());
}

}
