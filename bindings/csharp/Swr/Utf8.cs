using System;
using System.Runtime.InteropServices;

namespace Swr;

/// <summary>Strings as the library has them: UTF-8 with a terminating zero.</summary>
internal static class Utf8
{
    internal static string String(IntPtr text) => Marshal.PtrToStringUTF8(text) ?? "";

    private static readonly System.Text.UTF8Encoding Strict = new(false, true);

    /// <summary>A zero inside is refused, since the library would take what is before it; half a character, since UTF-8 has none.</summary>
    internal static string? Whole(string? text)
    {
        if (text == null) return null;
        if (text.Contains('\0')) throw new ArgumentException("a text has a zero character");
        Strict.GetByteCount(text);  // an ArgumentException that names the surrogate
        return text;
    }

    internal static string Required(string? text, string name)
    {
        ArgumentNullException.ThrowIfNull(text, name);
        return Whole(text)!;
    }
}
