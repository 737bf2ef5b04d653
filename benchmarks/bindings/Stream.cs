// Stream FILE GIBIBYTES [MEBIBYTES [put]]: what stream.c does, in C#; a piece is filled by one bulk
// copy of an array, and an array is put. Prints the time.
using System;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using Swr;

long slices = 1024 * long.Parse(args[1], CultureInfo.InvariantCulture); // of 1 MiB
int slab = args.Length > 2 ? int.Parse(args[2], CultureInfo.InvariantCulture) : 1;
var pixels = new short[slab << 19];
Array.Fill(pixels, (short)0x0707);
Stream(256);
Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"RESULT seconds={Stream(slices):F3} bytes={slices << 20}"));

double Stream(long count)
{
    long from = Stopwatch.GetTimestamp();
    using (var writer = new SwrWriter(args[0]) { ImageRegion = PixelRegion.Of(1024, 512, count), PixelType = new(ComponentType.Int16), Divisions = count / slab })
    {
        if (args.Length > 3) Put(writer, count);
        else writer.Write<short>((_, span) => pixels.CopyTo(span));
    }
    double seconds = Stopwatch.GetElapsedTime(from).TotalSeconds;
    File.Delete(args[0]);
    return seconds;
}

void Put(SwrWriter writer, long count)
{
    writer.Begin();
    for (long first = 0; first < count; first += slab)
        writer.Put(new PixelRegion([0, 0, first], [1024, 512, slab]), pixels);
    writer.Finish();
}
