package dev.cprkit.vmm.machine.fdt;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * Reads a flattened device tree that a user gave. Any bytes are safe to read: what is not a tree is a
 * {@link FdtException}. Memory reservations are not kept.
 */
public final class FdtReader {
    private static final int MAX_DEPTH = 64;

    private final byte[] bytes;
    private final ByteBuffer blob;
    private final int structureEnd;
    private final int stringsOffset;
    private final int stringsEnd;

    private FdtReader(byte[] bytes, int structure, int structureEnd, int stringsOffset, int stringsEnd) {
        this.bytes = bytes;
        this.blob = ByteBuffer.wrap(bytes).position(structure);
        this.structureEnd = structureEnd;
        this.stringsOffset = stringsOffset;
        this.stringsEnd = stringsEnd;
    }

    /** The tree in the blob, which may have anything behind it. */
    public static FdtNode parse(byte[] bytes) throws FdtException {
        if (bytes.length < FdtFormat.HEADER) {
            throw new FdtException("it is only " + bytes.length + " bytes long");
        }
        ByteBuffer blob = ByteBuffer.wrap(bytes);
        if (blob.getInt(0) != FdtFormat.MAGIC) {
            throw new FdtException("it does not begin with the magic number 0xd00dfeed");
        }
        int total = blob.getInt(4);
        if (total < FdtFormat.HEADER || total > bytes.length) {
            throw new FdtException("its header says " + Integer.toUnsignedString(total) + " bytes, but there are only "
                    + bytes.length);
        }
        if (blob.getInt(20) < FdtFormat.VERSION || blob.getInt(24) > FdtFormat.VERSION) {
            throw new FdtException("its format version " + blob.getInt(20) + " is not 17");
        }
        int structure = blob.getInt(8);
        int strings = blob.getInt(12);
        int structureEnd = end("structure", structure, blob.getInt(36), total);
        int stringsEnd = end("strings", strings, blob.getInt(32), total);
        if ((structure & 3) != 0) {
            throw new FdtException("its structure block is not aligned");
        }
        FdtReader reader = new FdtReader(bytes, structure, structureEnd, strings, stringsEnd);
        FdtNode root = FdtNode.root();
        if (reader.token() != FdtFormat.BEGIN_NODE || !reader.text(structureEnd).isEmpty()) {
            throw new FdtException("its structure block does not begin with the root node");
        }
        reader.align();
        reader.body(root, 0);
        return root;
    }

    private static int end(String block, int start, int size, int total) throws FdtException {
        if (start < 0 || size < 0 || start > total || size > total - start) {
            throw new FdtException("its " + block + " block lies outside of it");
        }
        return start + size;
    }

    private void body(FdtNode node, int depth) throws FdtException {
        if (depth > MAX_DEPTH) {
            throw new FdtException("its nodes are nested more than " + MAX_DEPTH + " deep");
        }
        for (; ; ) {
            switch (token()) {
                case FdtFormat.NOP -> {}
                case FdtFormat.PROP -> property(node);
                case FdtFormat.BEGIN_NODE -> {
                    FdtNode child = node.child(text(structureEnd));
                    align();
                    body(child, depth + 1);
                }
                case FdtFormat.END_NODE -> {
                    return;
                }
                default -> throw new FdtException("its structure block has an unknown token");
            }
        }
    }

    private void property(FdtNode node) throws FdtException {
        int length = token();
        int nameOffset = token();
        if (length < 0 || length > structureEnd - blob.position()) {
            throw new FdtException("a property is longer than its structure block");
        }
        if (nameOffset < 0 || nameOffset >= stringsEnd - stringsOffset) {
            throw new FdtException("a property's name lies outside of its strings block");
        }
        byte[] value = new byte[length];
        blob.get(value);
        align();
        int next = blob.position();
        blob.position(stringsOffset + nameOffset);
        String name = text(stringsEnd);
        blob.position(next);
        node.bytes(name, value);
    }

    private int token() throws FdtException {
        if (structureEnd - blob.position() < 4) {
            throw new FdtException("its structure block is cut off");
        }
        return blob.getInt();
    }

    private String text(int limit) throws FdtException {
        int start = blob.position();
        int at = start;
        while (at < limit && blob.get(at) != 0) {
            at++;
        }
        if (at == limit) {
            throw new FdtException("a name has no end");
        }
        blob.position(at + 1);
        return new String(bytes, start, at - start, StandardCharsets.UTF_8);
    }

    private void align() throws FdtException {
        int aligned = (blob.position() + 3) & ~3;
        if (aligned > structureEnd) {
            throw new FdtException("its structure block is cut off");
        }
        blob.position(aligned);
    }
}
