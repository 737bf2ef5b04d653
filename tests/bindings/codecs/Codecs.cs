// Codecs [FROM TO CODEC] ...: copies images. "-" is the codec that the format has unless set.
using Swr;

for (int i = 0; i < args.Length; i += 3)
{
    using var reader = new SwrReader(args[i]);
    using var writer = new SwrWriter(args[i + 1]);
    writer.SetHeaderFrom(reader);
    writer.ImageRegion = reader.ImageRegion;
    writer.PixelType = reader.PixelType;
    if (args[i + 2] != "-") writer.Compression = new Compression(args[i + 2]);
    writer.Write(reader);
}
