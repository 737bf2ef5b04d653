using System;
using System.Runtime.InteropServices;

namespace Swr;

/// <summary>Strings in the library's form: UTF-8 with a terminating zero.</summary>
internal static class Utf8
{
    internal static string String(IntPtr text) => Marshal.PtrToStringUTF8(text) ?? "";

    private static readonly System.Text.UTF8Encoding Strict = new(false, true);

    /// <summary>Refuses a zero inside, because the library would only use the text before it, and
    /// half a surrogate pair, which UTF-8 cannot hold.</summary>
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
