using System;
using System.Collections.Generic;

namespace Swr;

/// <summary>How pixels are stored.</summary>
/// <param name="Component">the type of one component</param>
/// <param name="Components">the number of components: 1 for scalars, 3 for RGB, 4 for RGBA, 2 for
/// complex numbers, else 1 to 65535</param>
/// <param name="Kind">the meaning of the components</param>
public readonly record struct PixelType(ComponentType Component, int Components = 1, Kind Kind = Kind.Scalar)
{
    /// <summary>The size of a pixel in bytes.</summary>
    public long ByteCount => (long)Component.Bytes() * Components;
}

/// <summary>The progress of a write.</summary>
/// <param name="PiecesDone">the number of pieces stored so far</param>
/// <param name="Pieces">the number of all pieces</param>
/// <param name="BytesDone">the number of bytes of pixels stored so far</param>
/// <param name="Bytes">the number of all bytes of pixels</param>
public readonly record struct WriteProgress(long PiecesDone, long Pieces, long BytesDone, long Bytes);

/// <summary>How pixels are compressed.</summary>
/// <param name="Name">"none" or "deflate"; in formats that compress chunks also "zstd", "lz4" or
/// "blosc"</param>
/// <param name="Level">1 (fast) to 9 (small)</param>
public readonly record struct Compression(string Name, int Level = 6);

/// <summary>How a write would reach the disk.</summary>
/// <param name="Method">the method</param>
/// <param name="BytesRead">about how many bytes it would read</param>
/// <param name="BytesWritten">about how many bytes it would write besides the given pixels</param>
public readonly record struct WriteForecast(WriteMethod Method, long BytesRead, long BytesWritten);

/// <summary>A file's own rule from stored to real values, real = slope * stored + intercept. Pixels
/// are read as they are stored.</summary>
/// <param name="Slope">1 if the file has no rule</param>
/// <param name="Intercept">0 if the file has no rule</param>
public readonly record struct ValueScale(double Slope, double Intercept);

/// <summary>How a file's pixels are encoded.</summary>
/// <param name="Name">"none", "deflate" or "text"</param>
/// <param name="Slotted">whether the deflate stream can be changed in place</param>
public readonly record struct PixelEncoding(string Name, bool Slotted);

/// <summary>A file format, and what it can do.</summary>
/// <param name="Name">such as "MetaImage"</param>
/// <param name="Suffixes">of its files, the usual one first: ".mha", ".mhd"</param>
/// <param name="Capabilities">what it can do</param>
/// <param name="LeastDimensions">the fewest dimensions of its images</param>
/// <param name="MostDimensions">the most dimensions of its images</param>
public sealed record FileFormat(string Name, IReadOnlyList<string> Suffixes, Capability Capabilities, int LeastDimensions, int MostDimensions)
{
    /// <summary>The formats that swr knows.</summary>
    public static IReadOnlyList<FileFormat> All
    {
        get
        {
            var formats = new FileFormat[SwrNative.swr_format_count()];
            for (int i = 0; i < formats.Length; i++) formats[i] = Of(Utf8.String(SwrNative.swr_format_name(i)));
            return formats;
        }
    }

    /// <summary>The format with this name.</summary>
    /// <exception cref="SwrFormatException">the name is unknown</exception>
    public static FileFormat Of(string name)
    {
        Utf8.Required(name, nameof(name));
        int least = 0, most = 0;
        int status = SwrNative.swr_format_capabilities(name, out uint flags);
        if (status == 0) status = SwrNative.swr_format_dimensions(name, out least, out most);
        if (status != 0) throw SwrException.From(status, $"there is no format \"{name}\"");
        return new FileFormat(name, Utf8.String(SwrNative.swr_format_suffixes(name)).Split(' '), (Capability)flags, least, most);
    }
}

/// <summary>Functions that need neither a writer nor a reader.</summary>
public static class SwrLibrary
{
    /// <summary>The library's version, "major.minor.patch".</summary>
    public static string Version => Utf8.String(SwrNative.swr_version());

    /// <summary>Rolls back a write that died while it changed a file in place, if there is one: the
    /// file is then as it was before that write. Journals of running writers are left alone.
    /// Opening a file for reading or writing also does this.</summary>
    /// <returns>the number of writes that were rolled back</returns>
    /// <exception cref="SwrException">says why it failed</exception>
    public static int Recover(string path)
    {
        using var reader = new SwrReader();  // swr_recover() would only tell the status
        return reader.Recover(path);
    }
}

/// <summary>The properties of a status.</summary>
public static class StatusExtensions
{
    /// <summary>What the status means, in a sentence without a full stop.</summary>
    public static string Text(this Status status) => Utf8.String(SwrNative.swr_status_text((int)status));
    /// <summary>The status's name in every language, such as "ERROR_IO".</summary>
    public static string Name(this Status status) => Utf8.String(SwrNative.swr_status_name((int)status));
}

/// <summary>The properties of a component type.</summary>
public static class ComponentExtensions
{
    /// <summary>The size of one component: 1, 2, 4 or 8 bytes; 0 for Unknown.</summary>
    public static int Bytes(this ComponentType component) => SwrNative.swr_component_bytes((int)component);
    /// <summary>The type's name in every language, such as "uint16" or "float32".</summary>
    public static string Name(this ComponentType component) => Utf8.String(SwrNative.swr_component_name((int)component));
    /// <summary>The component type with this name; Unknown if there is none.</summary>
    public static ComponentType FromName(string name) => (ComponentType)SwrNative.swr_component_from_name(Utf8.Required(name, nameof(name)));
}

/// <summary>The properties of a kind.</summary>
public static class KindExtensions
{
    /// <summary>The kind's name in every language, such as "scalar" or "rgb".</summary>
    public static string Name(this Kind kind) => Utf8.String(SwrNative.swr_kind_name((int)kind));
}

/// <summary>The properties of a unit.</summary>
public static class UnitExtensions
{
    /// <summary>The unit's name in every language, such as "um" or "s"; "" for None.</summary>
    public static string Name(this AxisUnit unit) => Utf8.String(SwrNative.swr_unit_name((int)unit));
    /// <summary>The unit of a name in any usual spelling, such as "um", "microns" or "inch"; None
    /// for other names.</summary>
    public static AxisUnit FromName(string name) => (AxisUnit)SwrNative.swr_unit_from_name(Utf8.Required(name, nameof(name)));
}
