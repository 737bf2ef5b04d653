// Streams a volume of 1 GiB into a compressed file, piece by piece, then pastes a bright box into it.
using System;
using Swr;

string path = args.Length > 0 ? args[0] : "volume.nii.gz";
long slices = args.Length > 1 ? 16 : 512; // any second word makes it a small volume
using var writer = new SwrWriter(path)
{
    ImageRegion = PixelRegion.Of(1024, 1024, slices),
    PixelType = new PixelType(ComponentType.UInt16),
    Spacing = [0.5, 0.5, 2.0],
    MemoryLimit = 16 << 20,
};
writer.Write<ushort>((region, pixels) => Ramp(region, pixels, 0)); // streams: pieces are pulled until the file is complete
writer.PasteRegion = new PixelRegion([100, 200, 4], [64, 64, 8]);
writer.Write<ushort>((region, pixels) => Ramp(region, pixels, 65535)); // pastes: the box changes, and nothing else

// The source: asked for one piece after the other, it computes the pixels of that piece alone.
static void Ramp(PixelRegion region, Span<ushort> pixels, ushort bright)
{
    ReadOnlySpan<long> first = region.Index, size = region.Size;
    int i = 0;
    for (long z = first[2]; z < first[2] + size[2]; z++)
        for (long y = first[1]; y < first[1] + size[1]; y++)
            for (long x = first[0]; x < first[0] + size[0]; x++) pixels[i++] = bright != 0 ? bright : (ushort)(x + y + z);
}
