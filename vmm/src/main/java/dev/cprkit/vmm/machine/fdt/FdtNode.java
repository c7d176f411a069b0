package dev.cprkit.vmm.machine.fdt;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A node of a device tree: properties and children, in the order in which they were added. Built and used by one thread.
 *
 * <p>The methods that set a property replace one of that name and return the node itself; numbers are stored big-endian,
 * as the specification says.
 */
public final class FdtNode {
    private final String name;
    private final Map<String, byte[]> properties = new LinkedHashMap<>();
    private final List<FdtNode> children = new ArrayList<>();

    private FdtNode(String name) {
        this.name = name;
    }

    /** A tree with nothing in it. */
    public static FdtNode root() {
        return new FdtNode("");
    }

    /** The name with its unit address: {@code serial@10000000}; empty for the root. */
    public String name() {
        return name;
    }

    /** The child of that name, added at the end if there is none. */
    public FdtNode child(String childName) {
        for (FdtNode child : children) {
            if (child.name.equals(childName)) {
                return child;
            }
        }
        FdtNode child = new FdtNode(childName);
        children.add(child);
        return child;
    }

    /** The node at a path of names below this one, such as {@code soc/serial@10000000}. */
    public Optional<FdtNode> find(String path) {
        int slash = path.indexOf('/');
        String first = slash < 0 ? path : path.substring(0, slash);
        for (FdtNode child : children) {
            if (child.name.equals(first)) {
                return slash < 0 ? Optional.of(child) : child.find(path.substring(slash + 1));
            }
        }
        return Optional.empty();
    }

    public List<FdtNode> children() {
        return Collections.unmodifiableList(children);
    }

    /** The properties' names, in order. */
    public Collection<String> propertyNames() {
        return Collections.unmodifiableSet(properties.keySet());
    }

    /** A property's value. */
    public Optional<byte[]> property(String property) {
        byte[] value = properties.get(property);
        return value == null ? Optional.empty() : Optional.of(value.clone());
    }

    /** A property whose presence is its value. */
    public FdtNode flag(String property) {
        return bytes(property);
    }

    /** 32-bit numbers. */
    public FdtNode cells(String property, int... values) {
        ByteBuffer buffer = ByteBuffer.allocate(values.length * 4);
        for (int value : values) {
            buffer.putInt(value);
        }
        return bytes(property, buffer.array());
    }

    /** 64-bit numbers, two cells each. */
    public FdtNode longs(String property, long... values) {
        ByteBuffer buffer = ByteBuffer.allocate(values.length * 8);
        for (long value : values) {
            buffer.putLong(value);
        }
        return bytes(property, buffer.array());
    }

    /** Strings, each ended by a NUL. */
    public FdtNode strings(String property, String... values) {
        ByteArrayOutputStream joined = new ByteArrayOutputStream();
        for (String value : values) {
            joined.writeBytes(value.getBytes(StandardCharsets.UTF_8));
            joined.write(0);
        }
        return bytes(property, joined.toByteArray());
    }

    /** A {@code reg} of one range, with two cells for the address and two for the size. */
    public FdtNode reg(long address, long size) {
        return longs("reg", address, size);
    }

    /** Raw bytes; the array is copied. */
    public FdtNode bytes(String property, byte... value) {
        properties.put(property, value.clone());
        return this;
    }

    /** Takes a property away, if it is there. */
    public FdtNode remove(String property) {
        properties.remove(property);
        return this;
    }

    /** The bytes as they are, for the writer of this package. */
    byte[] value(String property) {
        return properties.get(property);
    }
}
