using System;
using System.Numerics;

namespace Swr;

/// <summary>Which element types of arrays and spans can hold which component types.</summary>
internal static unsafe class Elements
{
    /// <summary>Refuses numbers of another type: their bits would be stored as values. Bytes can
    /// hold any type; a struct of the application can hold a component or a pixel of the same
    /// size.</summary>
    internal static void Require<T>(ComponentType component, int components) where T : unmanaged
    {
        if (typeof(T) == typeof(byte)) return;
        if (HasValue<T>(out ComponentType held) && held != component) throw Refusal<T>(component);
        int each = component.Bytes();
        if (sizeof(T) != each && sizeof(T) != (long)each * components) throw Refusal<T>(component);
    }

    /// <summary>Whether T is a number or several adjacent ones, and of which type; Unknown if it is
    /// not a component type.</summary>
    private static bool HasValue<T>(out ComponentType held)
    {
        held = Type.GetTypeCode(typeof(T)) switch
        {
            TypeCode.Byte or TypeCode.Boolean => ComponentType.UInt8,
            TypeCode.SByte => ComponentType.Int8,
            TypeCode.UInt16 or TypeCode.Char => ComponentType.UInt16,
            TypeCode.Int16 => ComponentType.Int16,
            TypeCode.UInt32 => ComponentType.UInt32,
            TypeCode.Int32 => ComponentType.Int32,
            TypeCode.UInt64 => ComponentType.UInt64,
            TypeCode.Int64 => ComponentType.Int64,
            TypeCode.Single => ComponentType.Float32,
            TypeCode.Double => ComponentType.Float64,
            _ => ComponentType.Unknown,
        };
        if (held != ComponentType.Unknown) return true;
        if (typeof(T) == typeof(nint)) held = IntPtr.Size == 8 ? ComponentType.Int64 : ComponentType.Int32;
        else if (typeof(T) == typeof(nuint)) held = IntPtr.Size == 8 ? ComponentType.UInt64 : ComponentType.UInt32;
        else if (typeof(T) == typeof(Complex)) held = ComponentType.Float64;
        else if (typeof(T) == typeof(Vector2) || typeof(T) == typeof(Vector3) || typeof(T) == typeof(Vector4)) held = ComponentType.Float32;
        else
        {
            return typeof(T) == typeof(Half) || typeof(T) == typeof(Int128) || typeof(T) == typeof(UInt128) || typeof(T) == typeof(decimal)
                || typeof(T) == typeof(DateTime);
        }
        return true;
    }

    private static ArgumentException Refusal<T>(ComponentType component) where T : unmanaged =>
        new($"elements of type {typeof(T).Name}, of {sizeof(T)} bytes, do not hold {component.Name()}, of {component.Bytes()} bytes");
}
