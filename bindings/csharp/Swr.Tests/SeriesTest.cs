using System;
using Xunit;

namespace Swr.Tests;

/// <summary>Volumes of a series, and what the values and axes of an image mean.</summary>
public class SeriesTest : Scratch
{
    private static PixelRegion TimePoint(long time) => new([0, 0, 0, time], [32, 16, 20, 1]);

    /// <summary>Two volumes of zeros, 2.5 s apart; the first is at 1 s.</summary>
    private string Series(string name)
    {
        string file = At(name);
        using var writer = new SwrWriter(file)
        {
            ImageRegion = PixelRegion.Of(32, 16, 20, 2), PixelType = new(ComponentType.Int16), Spacing = [1, 1, 2, 2.5], Origin = [0, 0, 5, 1],
        };
        writer.Allocate();
        return file;
    }

    [Theory]
    [InlineData("s.mha"), InlineData("s.nrrd"), InlineData("s.nii"), InlineData("s.nii.gz")]
    public void Pasting_AVolume_IsOneTimeOfTheSeries(string name)
    {
        string file = Series(name), volume = Volumes.Written(At("v.mha"));
        using (var writer = new SwrWriter(file) { PasteRegion = TimePoint(1), Divisions = 3 })
        using (var source = new SwrReader(volume))
            writer.Write(source);
        Assert.Equal(Volumes.Pixels(volume, Volumes.Image), Volumes.Pixels(file, TimePoint(1)));
        Assert.Equal(new short[32 * 16 * 20], Volumes.Pixels(file, TimePoint(0)));
    }

    [Theory]
    [InlineData("s.mha"), InlineData("s.nrrd"), InlineData("s.nii"), InlineData("s.nii.gz")]
    public void Extending_ASeries_AppendsATimePoint(string name)
    {
        string file = Series(name), volume = Volumes.Written(At("v.mha"));
        using (var writer = new SwrWriter(file) { ImageRegion = PixelRegion.Of(32, 16, 20, 3), Existing = Existing.Extend, PasteRegion = TimePoint(2) })
        using (var source = new SwrReader(volume))
            writer.Write(source);
        using (var reader = new SwrReader(file))
        {
            Assert.Equal(PixelRegion.Of(32, 16, 20, 3), reader.ImageRegion);
            Assert.Equal(2.5, reader.Spacing[3], 6);
        }
        Assert.Equal(Volumes.Pixels(volume, Volumes.Image), Volumes.Pixels(file, TimePoint(2)));
        Assert.Equal(new short[32 * 16 * 20], Volumes.Pixels(file, TimePoint(1)));
    }

    [Fact]
    public void APlaneOfAVolume_KeepsItsPlace()
    {
        string file = At("plane.nrrd"), volume = At("volume.nrrd"), stack = At("stack.nrrd");
        using (SwrWriter writer = Volumes.Writer(volume))
        {
            writer.Direction = [0, 0, 1, 1, 0, 0, 0, 1, 0];
            writer.Origin = [10, 20, 30];
            writer.Write<short>(Volumes.FillRamp);
        }
        var plane = new PixelRegion([0, 0, 7], [32, 16, 1]);
        using (var writer = new SwrWriter(file))
        using (var source = new SwrReader(volume))
        {
            writer.SetHeaderFrom(source);
            writer.ImageRegion = PixelRegion.Of(32, 16);
            writer.HeaderRegion = new([0, 0, 7], [32, 16, 2]);
            short[] pixels = Volumes.Pixels(volume, plane);
            Assert.Throws<SwrRegionException>(() => writer.Write(pixels));
            writer.HeaderRegion = plane;
            writer.Write(pixels);
        }
        // As a stack of one plane, it is where the volume has it.
        using (var writer = new SwrWriter(stack))
        using (var source = new SwrReader(file))
        {
            writer.SetHeaderFrom(source);
            writer.ImageRegion = PixelRegion.Of(32, 16, 1);
            writer.Write(new short[32 * 16]);
        }
        using var reader = new SwrReader(stack);
        double[] expected = [17, 20, 30];
        for (int axis = 0; axis < 3; axis++) Assert.Equal(expected[axis], reader.Origin[axis], 9);
    }

    [Theory]
    [InlineData("v.mha"), InlineData("v.nrrd"), InlineData("v.nii")]
    public void ValueScaleAndUnits_AreWhatWasSet(string name)
    {
        string file = At(name);
        double[] spacing = [0.0005, 0.0005, 0.002];
        using (SwrWriter writer = Volumes.Writer(file))
        {
            Assert.Throws<SwrArgumentException>(() => writer.SetValueScale(0, 1));
            writer.SetValueScale(0.5, -1024);
            for (int axis = 0; axis < 3; axis++) writer.SetAxisUnit(axis, AxisUnit.Micrometre);
            writer.Spacing = spacing;
            writer.Write<short>(Volumes.FillRamp);
        }
        using var reader = new SwrReader(file);
        Assert.Equal(new ValueScale(0.5, -1024), reader.ValueScale);
        for (int axis = 0; axis < 3; axis++)
        {
            Assert.Equal(AxisUnit.Micrometre, reader.GetAxisUnit(axis));
            Assert.Equal(spacing[axis], reader.Spacing[axis], 9);
        }
    }

    [Fact]
    public void Pasting_ValuesOfAnotherScale_NeedsAConversion()
    {
        string file = At("v.nrrd");
        using (SwrWriter writer = Volumes.Writer(file))
        {
            writer.SetValueScale(2, -100);
            writer.Write<short>(Volumes.FillRamp);
        }
        var box = new short[Volumes.Box.PixelCount];
        Array.Fill(box, (short)300);
        using (var writer = new SwrWriter(file) { PasteRegion = Volumes.Box })
        {
            writer.SetSourceScale(1, 0);
            Assert.Throws<SwrMismatchException>(() => writer.Write(box));
            writer.Conversion = Conversion.Exact;
            writer.Write(box);
        }
        Volumes.ExpectRamp(file, Volumes.Box, 200);
    }
}
