// Stream FILE GIBIBYTES: streams int16 pixels into FILE, each piece one bulk copy, and prints the
// time.
using System;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using Swr;

long slices = 1024 * long.Parse(args[1], CultureInfo.InvariantCulture); // of 1 MiB
var pixels = new short[1 << 19];
Array.Fill(pixels, (short)0x0707);
Stream(256);
Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"RESULT seconds={Stream(slices):F3} bytes={slices << 20}"));

double Stream(long count)
{
    long from = Stopwatch.GetTimestamp();
    using (var writer = new SwrWriter(args[0]) { ImageRegion = PixelRegion.Of(1024, 512, count), PixelType = new(ComponentType.Int16), Divisions = count })
        writer.Write<short>((_, span) => pixels.CopyTo(span));
    double seconds = Stopwatch.GetElapsedTime(from).TotalSeconds;
    File.Delete(args[0]);
    return seconds;
}
