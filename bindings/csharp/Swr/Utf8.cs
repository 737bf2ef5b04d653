using System;
using System.Runtime.InteropServices;

namespace Swr;

/// <summary>Strings as the library has them: UTF-8 with a zero behind it.</summary>
internal static class Utf8
{
    internal static string String(IntPtr text) => Marshal.PtrToStringUTF8(text) ?? "";

    /// <summary>A zero inside is refused, since the library would take what is before it.</summary>
    internal static string? Whole(string? text)
    {
        if (text != null && text.Contains('\0')) throw new ArgumentException("a text has a zero character");
        return text;
    }

    internal static string Required(string? text, string name)
    {
        ArgumentNullException.ThrowIfNull(text, name);
        return Whole(text)!;
    }
}
