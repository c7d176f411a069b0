package dev.cprkit.vmm.machine.fdt;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;

/** Flattens a device tree: header, an empty memory reservation block, structure, strings. */
public final class FdtWriter {
    private static final int RESERVATIONS = 16;

    private final ByteArrayOutputStream structure = new ByteArrayOutputStream(8192);
    private final ByteArrayOutputStream strings = new ByteArrayOutputStream(1024);
    private final Map<String, Integer> stringOffsets = new HashMap<>();

    private FdtWriter() {}

    /** The tree as a blob that starts at a multiple of 8 bytes and is a multiple of 8 bytes long. */
    public static byte[] flatten(FdtNode root) {
        FdtWriter writer = new FdtWriter();
        writer.node(root);
        writer.cell(FdtFormat.END);
        return writer.blob();
    }

    private byte[] blob() {
        int structureOffset = FdtFormat.HEADER + RESERVATIONS;
        int stringsOffset = structureOffset + structure.size();
        int total = (stringsOffset + strings.size() + 7) & ~7;
        return ByteBuffer.allocate(total)
                .putInt(FdtFormat.MAGIC)
                .putInt(total)
                .putInt(structureOffset)
                .putInt(stringsOffset)
                .putInt(FdtFormat.HEADER)
                .putInt(FdtFormat.VERSION)
                .putInt(FdtFormat.LAST_COMPATIBLE_VERSION)
                .putInt(0) // the hart that boots
                .putInt(strings.size())
                .putInt(structure.size())
                .position(structureOffset)
                .put(structure.toByteArray())
                .put(strings.toByteArray())
                .array();
    }

    private void node(FdtNode node) {
        cell(FdtFormat.BEGIN_NODE);
        structure.writeBytes(node.name().getBytes(StandardCharsets.UTF_8));
        structure.write(0);
        pad();
        for (String name : node.propertyNames()) {
            byte[] value = node.value(name);
            cell(FdtFormat.PROP);
            cell(value.length);
            cell(string(name));
            structure.writeBytes(value);
            pad();
        }
        for (FdtNode child : node.children()) {
            node(child);
        }
        cell(FdtFormat.END_NODE);
    }

    private int string(String name) {
        Integer known = stringOffsets.get(name);
        if (known != null) {
            return known;
        }
        int offset = strings.size();
        strings.writeBytes(name.getBytes(StandardCharsets.UTF_8));
        strings.write(0);
        stringOffsets.put(name, offset);
        return offset;
    }

    private void cell(int value) {
        structure.write(value >>> 24);
        structure.write(value >>> 16);
        structure.write(value >>> 8);
        structure.write(value);
    }

    private void pad() {
        while ((structure.size() & 3) != 0) {
            structure.write(0);
        }
    }
}
