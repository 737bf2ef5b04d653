using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.RegularExpressions;
using Xunit;

namespace Swr.Tests;

/// <summary>Every function of the C headers has its member, under the name that the rule gives it.</summary>
public class NamesTest
{
    private static readonly Dictionary<string, Type> Types = new()
    {
        ["reader"] = typeof(SwrReader), ["writer"] = typeof(SwrWriter), ["piece"] = typeof(Piece), ["format"] = typeof(Format),
        ["component"] = typeof(ComponentExtensions), ["kind"] = typeof(KindExtensions), ["status"] = typeof(StatusExtensions),
    };

    // What is no member: constructors, what is thrown, what the binding does by itself, and what is a property of another.
    private static readonly HashSet<string> Elsewhere =
    [
        "swr_writer_create", "swr_writer_destroy", "swr_writer_message", "swr_reader_create", "swr_reader_destroy", "swr_reader_message",
        "swr_piece_fail", "swr_set_buffers", "swr_set_io_region", "swr_format_count", "swr_format_dimensions", "swr_reader_pull", "swr_piece_get_type",
        "swr_reader_get_metadata_count", "swr_reader_get_metadata_at",
    ];

    [Fact]
    public void EveryFunction_HasItsMember()
    {
        string headers = Environment.GetEnvironmentVariable("SWR_HEADERS") ?? throw new InvalidOperationException("SWR_HEADERS is not set");
        List<string> functions = new[] { "types.h", "formats.h", "reader.h", "writer.h" }
            .SelectMany(h => Regex.Matches(File.ReadAllText(System.IO.Path.Combine(headers, h)), @"SWR_API [^;(]*?\b(swr_[a-z0-9_]+)\("))
            .Select(m => m.Groups[1].Value).ToList();
        Assert.True(functions.Count > 80);
        string missing = string.Join(" ", functions.Where(f => !Elsewhere.Contains(f) && !Has(f[4..])));
        Assert.Equal("", missing);
    }

    private static bool Has(string name)
    {
        string first = name.Split('_')[0];
        bool of = Types.TryGetValue(first, out Type? type) && name.Length > first.Length;
        Type[] owners = of ? [type!] : [typeof(SwrWriter), typeof(SwrLibrary)];
        string rest = of ? name[(first.Length + 1)..] : name;
        string pascal = string.Concat(rest.Split('_').Select(w => char.ToUpperInvariant(w[0]) + w[1..]));
        string[] names = [pascal, Regex.Replace(pascal, "^(Get|Set)", "")];
        return owners.SelectMany(o => o.GetMembers()).Any(m => names.Contains(m.Name));
    }
}
