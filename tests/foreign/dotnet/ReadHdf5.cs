// Reads datasets with PureHDF, which has its own code for HDF5: for each line of standard input,
// the path of a file and of a dataset in it, one line of JSON: the shape, and the SHA-256 of the
// numbers in the machine's byte order; or the error.
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text.Json;
using PureHDF;

for (string? line; (line = Console.ReadLine()) != null;)
{
    string[] words = line.Split(' ');
    object facts;
    try
    {
        using var file = H5File.OpenRead(words[0]);
        var dataset = file.Dataset(words[1]);
        string sha256 = Convert.ToHexString(SHA256.HashData(BytesOf(dataset))).ToLowerInvariant();
        facts = new { shape = dataset.Space.Dimensions, sha256 };
    }
    catch (Exception error)
    {
        facts = new { error = error.ToString() };
    }
    Console.WriteLine(JsonSerializer.Serialize(facts));
}

static byte[] BytesOf(IH5Dataset dataset)
{
    var type = dataset.Type;
    bool isSigned = type.Class == H5DataTypeClass.FixedPoint && type.FixedPoint.IsSigned;
    return (type.Class, type.Size, isSigned) switch
    {
        (H5DataTypeClass.FixedPoint, 1, false) => Bytes<byte>(dataset),
        (H5DataTypeClass.FixedPoint, 1, true) => Bytes<sbyte>(dataset),
        (H5DataTypeClass.FixedPoint, 2, false) => Bytes<ushort>(dataset),
        (H5DataTypeClass.FixedPoint, 2, true) => Bytes<short>(dataset),
        (H5DataTypeClass.FixedPoint, 4, false) => Bytes<uint>(dataset),
        (H5DataTypeClass.FixedPoint, 4, true) => Bytes<int>(dataset),
        (H5DataTypeClass.FixedPoint, 8, false) => Bytes<ulong>(dataset),
        (H5DataTypeClass.FixedPoint, 8, true) => Bytes<long>(dataset),
        (H5DataTypeClass.FloatingPoint, 4, _) => Bytes<float>(dataset),
        (H5DataTypeClass.FloatingPoint, 8, _) => Bytes<double>(dataset),
        _ => throw new NotSupportedException($"{type.Class} of {type.Size} bytes"),
    };
}

static byte[] Bytes<T>(IH5Dataset dataset) where T : unmanaged =>
    MemoryMarshal.AsBytes<T>(dataset.Read<T[]>()).ToArray();
