using System;
using System.Numerics;

namespace Swr;

/// <summary>Which element types of arrays and spans can hold which component types.</summary>
internal static unsafe class Elements
{
    /// <summary>Refuses numbers of another type: their bits would be stored as values. Bytes can
    /// hold any type; a struct of the application can hold a component or a pixel of the same
    /// size.</summary>
    internal static void Require<T>(Component component, int components) where T : unmanaged
    {
        if (typeof(T) == typeof(byte)) return;
        if (HasValue<T>(out Component held) && held != component) throw Refusal<T>(component);
        int each = component.Bytes();
        if (sizeof(T) != each && sizeof(T) != (long)each * components) throw Refusal<T>(component);
    }

    /// <summary>Whether T is a number or several adjacent ones, and of which type; Unknown if it is
    /// not a component type.</summary>
    private static bool HasValue<T>(out Component held)
    {
        held = Type.GetTypeCode(typeof(T)) switch
        {
            TypeCode.Byte or TypeCode.Boolean => Component.UInt8,
            TypeCode.SByte => Component.Int8,
            TypeCode.UInt16 or TypeCode.Char => Component.UInt16,
            TypeCode.Int16 => Component.Int16,
            TypeCode.UInt32 => Component.UInt32,
            TypeCode.Int32 => Component.Int32,
            TypeCode.UInt64 => Component.UInt64,
            TypeCode.Int64 => Component.Int64,
            TypeCode.Single => Component.Float32,
            TypeCode.Double => Component.Float64,
            _ => Component.Unknown,
        };
        if (held != Component.Unknown) return true;
        if (typeof(T) == typeof(nint)) held = IntPtr.Size == 8 ? Component.Int64 : Component.Int32;
        else if (typeof(T) == typeof(nuint)) held = IntPtr.Size == 8 ? Component.UInt64 : Component.UInt32;
        else if (typeof(T) == typeof(Complex)) held = Component.Float64;
        else if (typeof(T) == typeof(Vector2) || typeof(T) == typeof(Vector3) || typeof(T) == typeof(Vector4)) held = Component.Float32;
        else
        {
            return typeof(T) == typeof(Half) || typeof(T) == typeof(Int128) || typeof(T) == typeof(UInt128) || typeof(T) == typeof(decimal)
                || typeof(T) == typeof(DateTime);
        }
        return true;
    }

    private static ArgumentException Refusal<T>(Component component) where T : unmanaged =>
        new($"elements of type {typeof(T).Name}, of {sizeof(T)} bytes, do not hold {component.Name()}, of {component.Bytes()} bytes");
}
