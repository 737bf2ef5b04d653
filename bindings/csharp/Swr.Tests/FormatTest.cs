using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using Xunit;

namespace Swr.Tests;

/// <summary>The table of formats, and a file of each kind.</summary>
public class FormatTest : Scratch
{
    /// <summary>Every suffix of every format that can be written, with the format's name.</summary>
    public static TheoryData<string, string> Writable()
    {
        var kinds = new TheoryData<string, string>();
        foreach (FileFormat format in FileFormat.All.Where(format => format.Capabilities.HasFlag(Capability.Stream)))
            foreach (string suffix in format.Suffixes) kinds.Add(format.Name, suffix);
        return kinds;
    }

    /// <summary>The names in README's table.</summary>
    private static IEnumerable<string> ExpectedNames()
    {
        string root = Environment.GetEnvironmentVariable("SWR_ROOT") ?? throw new InvalidOperationException("SWR_ROOT is not set");
        return File.ReadLines(System.IO.Path.Combine(root, "README.md")).SkipWhile(line => line != "<!-- formats -->").TakeWhile(line => line != "")
            .Where(line => line.Contains(" .")).Select(line => line[..line.IndexOf(' ')]);
    }

    [Fact]
    public void Formats_OfThePackage_AreThoseOfTheTable()
    {
        Assert.Equal(ExpectedNames(), FileFormat.All.Select(format => format.Name));
        foreach (FileFormat format in FileFormat.All)
        {
            FileFormat same = FileFormat.Of(format.Name);
            Assert.Equal(format.Suffixes, same.Suffixes);
            Assert.Equal(format.Capabilities, same.Capabilities);
            Assert.True(format.Capabilities.HasFlag(Capability.Read), format.Name);
            Assert.InRange(3, format.LeastDimensions, format.MostDimensions);
        }
        Assert.Throws<SwrFormatException>(() => FileFormat.Of("no such"));
    }

    [Theory]
    [MemberData(nameof(Writable))]
    public void File_OfEachKind_IsWrittenAndRead(string format, string suffix)
    {
        string file = Volumes.Written(At("v" + suffix));
        Volumes.ExpectRamp(file);
        using var reader = new SwrReader(file);
        Assert.Equal(format, reader.Format);
        Assert.Equal(Volumes.Image, reader.ImageRegion);
        Assert.Equal(new PixelType(ComponentType.Int16), reader.PixelType);
        reader.Verify();
    }

    [Theory]
    [MemberData(nameof(Writable))]
    public void Paste_IntoEachKind_ChangesItsBoxAlone(string format, string suffix)
    {
        if (!FileFormat.Of(format).Capabilities.HasFlag(Capability.Paste)) return;
        string file = Volumes.Written(At("v" + suffix));
        using (var writer = new SwrWriter(file) { PasteRegion = Volumes.Box })
            writer.Write<short>((_, pixels) => pixels.Fill(-7));
        Volumes.ExpectRamp(file, Volumes.Box, -7);
    }
}
