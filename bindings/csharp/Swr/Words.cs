using System.Linq;
using System.Text.RegularExpressions;

namespace Swr;

/// <summary>The library's messages in the words of C#: swr_set_paste_region is PasteRegion,
/// SWR_EXISTING_EXTEND is Existing.Extend, and options of the command swr are left out.</summary>
internal static class Words
{
    /// <summary>A word of its own: no part of a file's name, and not what a message begins
    /// with.</summary>
    private static readonly Regex C = new(@"(?<=[ (])swr_(?:reader_)?([a-z_]+)(?:\(\))?(?![\w/:]|\.\w)" +
        @"|(?<=[ (])SWR_([A-Z]+)_([A-Z0-9_]+)\b|, or the command's --[a-z-]+");

    /// <summary>Settings of several arguments, which are methods.</summary>
    private static readonly string[] Methods =
        ["set_axis_unit", "set_value_scale", "set_source_scale", "set_header_from", "set_metadata", "set_option", "set_buffers"];

    internal static string Of(string message) => C.Replace(message, match =>
    {
        if (match.Groups[1].Success) return Member(match.Groups[1].Value);
        if (!match.Groups[2].Success) return "";
        string? type = match.Groups[2].Value switch
        {
            "COMPONENT" => nameof(ComponentType), "KIND" => nameof(Kind), "UNIT" => nameof(AxisUnit), "EXISTING" => nameof(Existing),
            "CONVERSION" => nameof(Conversion), "METHOD" => nameof(WriteMethod), "CAN" => nameof(Capability),
            "STATISTIC" => nameof(Statistic), "LOG" => nameof(SwrLogLevel), _ => null,
        };
        return type == null ? match.Value : $"{type}.{Pascal(match.Groups[3].Value.ToLowerInvariant())}";
    });

    private static string Member(string function) =>
        Pascal(function.StartsWith("set_", System.StringComparison.Ordinal) && !Methods.Contains(function) ? function[4..] : function);

    private static string Pascal(string words) => string.Concat(words.Split('_').Select(w => w.Length == 0 ? "" : char.ToUpperInvariant(w[0]) + w[1..]));
}
