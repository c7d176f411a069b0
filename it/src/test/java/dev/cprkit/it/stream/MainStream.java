package dev.cprkit.it.stream;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Optional;

/**
 * A main stream taken apart to its last byte (reference/qemu-cpr.md, sections 3.2 to 3.11).
 *
 * @param machine the machine type in its configuration
 * @param capabilities those that the configuration lists
 * @param items sections and commands in order
 * @param ram what the RAM sections said
 * @param end where the byte is that ends the sections
 * @param description the stream's own description, if it has one
 */
public record MainStream(
        String machine,
        List<String> capabilities,
        List<Item> items,
        RamContent ram,
        int end,
        Optional<JsonNode> description) {

    /** What a stream is a sequence of. */
    public sealed interface Item {
        /** Where its first byte is. */
        int start();
    }

    /** How a section comes. */
    public enum Part {
        START,
        PART,
        END,
        FULL
    }

    /**
     * A section.
     *
     * @param part how it comes
     * @param id its number in the stream
     * @param idstr whose it is
     * @param start its type byte
     * @param payload its first byte after the header
     * @param footer the first byte after the payload
     */
    public record Section(
            Part part,
            int id,
            String idstr,
            int instance,
            int version,
            int start,
            int payload,
            int footer,
            List<Leaf> leaves)
            implements Item {

        /** The field of that name. */
        public Leaf leaf(String name) {
            for (Leaf leaf : leaves) {
                if (leaf.name().equals(name)) {
                    return leaf;
                }
            }
            throw new AssertionError("no field '" + name + "' in " + idstr);
        }

        /** Where the counted name of a START or FULL section begins. */
        public int nameAt() {
            return start + 5;
        }

        /** Where the instance id of a START or FULL section is. */
        public int instanceAt() {
            return nameAt() + 1 + idstr.length();
        }
    }

    /** A command and its data's length. */
    public record Command(int command, int length, int start) implements Item {}

    /** A field without fields of its own: where its bytes are, by its name within the section. */
    public record Leaf(String name, String type, int start, int length) {}

    /** Takes a whole stream apart. */
    public static MainStream of(byte[] bytes) {
        return new MainStreamDecoder(bytes, new StreamBytes(bytes)).decode();
    }

    /** The FULL section of that name and instance. */
    public Section section(String idstr, int instance) {
        for (Item item : items) {
            if (item instanceof Section section
                    && section.part() == Part.FULL
                    && section.idstr().equals(idstr)
                    && section.instance() == instance) {
                return section;
            }
        }
        throw new AssertionError("no section '" + idstr + "' " + instance + " among " + items);
    }

    /** The sections' names in order, each with how it comes. */
    public List<String> outline() {
        return items.stream()
                .map(item -> switch (item) {
                    case Section section -> section.part() + " " + section.idstr() + " " + section.instance();
                    case Command command -> "COMMAND " + command.command();
                })
                .toList();
    }
}
