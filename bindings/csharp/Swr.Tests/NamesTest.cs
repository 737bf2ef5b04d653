using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Reflection;
using System.Text.RegularExpressions;
using Xunit;

namespace Swr.Tests;

/// <summary>All that the C library exports is there, under the name that the rule gives it or the
/// one that bindings/names.txt says.</summary>
public class NamesTest
{
    private static readonly string Root = Environment.GetEnvironmentVariable("SWR_ROOT") ?? throw new InvalidOperationException("SWR_ROOT is not set");
    private static readonly Dictionary<string, Type> Types = new()
    {
        ["reader"] = typeof(SwrReader), ["writer"] = typeof(SwrWriter), ["piece"] = typeof(Piece), ["format"] = typeof(FileFormat),
        ["component"] = typeof(ComponentExtensions), ["kind"] = typeof(KindExtensions), ["unit"] = typeof(UnitExtensions), ["status"] = typeof(StatusExtensions),
    };
    private static readonly Dictionary<string, Type> Enums = new()
    {
        ["swr_component"] = typeof(ComponentType), ["swr_kind"] = typeof(Kind), ["swr_unit"] = typeof(AxisUnit), ["swr_status"] = typeof(Status), ["swr_existing"] = typeof(Existing),
        ["swr_conversion"] = typeof(Conversion), ["swr_method"] = typeof(WriteMethod), ["swr_capability"] = typeof(Capability),
        ["swr_statistic"] = typeof(Statistic), ["swr_log_level"] = typeof(SwrLogLevel),
    };

    [Fact]
    public void EveryFunction_HasItsMember()
    {
        Dictionary<string, string> exceptions = File.ReadLines(In("bindings/names.txt")).Where(line => line.StartsWith("swr_", StringComparison.Ordinal))
            .Select(line => Regex.Split(line, " +")).Where(words => words[2] != "=").ToDictionary(words => words[0], words => words[2]);
        string[] exported = File.ReadAllLines(In("capi/exported_symbols.txt"));
        Assert.True(exported.Length > 80);
        Assert.Equal([], exported.Where(name => !(exceptions.Remove(name, out string? member) ? member == "-" || Exists(member) : Follows(name[4..]))));
        Assert.Empty(exceptions);  // what is not exported
    }

    private static string In(string path) => System.IO.Path.Combine(Root, path);

    private static bool Follows(string name)
    {
        string first = name.Split('_')[0];
        bool of = Types.TryGetValue(first, out Type? type) && name.Length > first.Length;
        Type[] owners = of ? [type!] : [typeof(SwrWriter), typeof(SwrLibrary)];
        string pascal = Pascal(of ? name[(first.Length + 1)..] : name);
        // a property, where C has a getter or a setter
        string[] names = [pascal, Regex.Replace(pascal, "^(Get|Set)", "")];
        return owners.SelectMany(o => o.GetMembers()).Any(m => names.Contains(m.Name));
    }

    private static bool Exists(string member)
    {
        string[] names = member.Split('.');
        Type owner = typeof(SwrWriter).Assembly.GetType("Swr." + names[0], true)!;
        return names[1] == "new" ? owner.GetConstructors().Length > 0 : owner.GetMember(names[1]).Length > 0;
    }

    private static string Pascal(string name) =>
        Regex.Replace(string.Concat(name.ToLowerInvariant().Split('_').Select(w => char.ToUpperInvariant(w[0]) + w[1..])), "^Uint", "UInt");

    /// <summary>Every function and enumerator in a text of the engine is said in the words of
    /// C#.</summary>
    [Fact]
    public void Messages_HaveTheWordsOfTheLanguage()
    {
        HashSet<string> exported = File.ReadAllLines(In("capi/exported_symbols.txt")).Where(name => !name.Contains("vtk")).ToHashSet();
        int found = 0;
        foreach (string file in Directory.GetFiles(In("impl"), "*.cpp", SearchOption.AllDirectories))
            foreach (Match text in Regex.Matches(File.ReadAllText(file), "\"([^\"\n]*)\""))
                foreach (Match word in Regex.Matches(text.Groups[1].Value, @"\bswr_[a-z_]+|\bSWR_(EXISTING|CONVERSION|METHOD|KIND)_\w+"))
                {
                    if (!word.Groups[1].Success && !exported.Contains(word.Value)) continue;
                    found++;
                    string said = Words.Of("v.mha: x " + text.Groups[1].Value);
                    Assert.DoesNotContain(word.Value, said);
                    Assert.DoesNotContain("--", said);
                    if (word.Groups[1].Success) continue;
                    string member = Pascal(word.Value[4..]);
                    string property = Regex.Replace(member, "^Set", "");
                    Assert.Contains(typeof(SwrWriter).GetProperty(property) != null ? property : member, said);
                    Assert.True(Follows(word.Value[4..]), member);
                }
        Assert.True(found >= 8, $"{found} words");
        Assert.Equal("swr_finish: in /swr_begin and swr_put.mha, Existing.Extend, PasteRegion, SetMetadata",
            Words.Of("swr_finish: in /swr_begin and swr_put.mha, SWR_EXISTING_EXTEND, swr_set_paste_region(), swr_set_metadata"));
    }

    /// <summary>So that `using Swr` goes with every `using System...`.</summary>
    [Fact]
    public void NoType_HasTheNameOfOneOfThePlatform()
    {
        HashSet<string> own = typeof(SwrWriter).Assembly.GetExportedTypes().Select(t => t.Name).ToHashSet();
        Assert.Contains("SwrWriter", own);
        string runtime = System.IO.Path.GetDirectoryName(typeof(object).Assembly.Location)!;
        Assert.Empty(Directory.GetFiles(runtime, "System*.dll")
            .SelectMany(file => Assembly.Load(System.IO.Path.GetFileNameWithoutExtension(file)).GetExportedTypes())
            .Where(t => !t.IsNested && own.Contains(t.Name)).Select(t => t.FullName));
    }

    [Fact]
    public void EveryEnumerator_HasItsConstant()
    {
        string header = File.ReadAllText(In("capi/include/swr/types.h"));
        MatchCollection enums = Regex.Matches(header, @"typedef enum (swr_[a-z_]+)[^{]*\{(.*?)\n\}", RegexOptions.Singleline);
        Assert.Equal(Enums.Count, enums.Count);
        foreach (Match each in enums)
        {
            IEnumerable<string> names = Regex.Matches(each.Groups[2].Value, @"\bSWR_([A-Z0-9_]+) =\s+\d").Select(m => m.Groups[1].Value)
                .Select(n => Regex.Replace(n, "^(COMPONENT|KIND|UNIT|EXISTING|CONVERSION|METHOD|CAN|STATISTIC|LOG)_", ""));
            if (each.Groups[1].Value == "swr_status") names = names.Concat(Regex.Matches(header, @"XX\(\d+, ([A-Z_]+),").Select(m => m.Groups[1].Value));
            IEnumerable<string> expected = names.Where(n => !n.EndsWith("FORCE_INT32", StringComparison.Ordinal) && n != "COUNT").Select(Pascal);
            Assert.Equal(expected.Order(), Enum.GetNames(Enums[each.Groups[1].Value]).Order());
        }
    }

    [Fact]
    public void EveryError_HasItsException()
    {
        foreach (Status status in Enum.GetValues<Status>().Where(s => s != Status.Ok))
            Assert.Equal($"Swr{Regex.Replace(status.ToString(), "^Error", "")}Exception", SwrException.From((int)status, "").GetType().Name);
    }
}
