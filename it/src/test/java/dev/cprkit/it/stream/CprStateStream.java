package dev.cprkit.it.stream;

import java.util.ArrayList;
import java.util.List;

/**
 * The CPR state of reference/qemu-cpr.md, section 3.1, taken apart to its last byte.
 *
 * @param entries what is handed over, in the stream's order
 * @param end where what follows the list begins
 * @param subsections the names of those that follow the list
 */
public record CprStateStream(List<Entry> entries, int end, List<String> subsections) {
    /** How a descriptor is sent: attached to a byte, or as its number. */
    public enum Form {
        ATTACHED,
        NUMBER
    }

    /**
     * One name and descriptor.
     *
     * @param id which of that name, 0 for RAM
     * @param start where the mark is that announces it
     * @param at where its descriptor's field is, counted from the stream's first byte
     * @param value the service byte, or the descriptor's number
     */
    public record Entry(String name, int id, int start, int at, int value) {}

    private static final int MAGIC = 0x51435052;
    private static final int SERVICE_BYTE = ' ';

    /** Takes a whole stream apart. */
    public static CprStateStream of(byte[] bytes, Form form) {
        return of(new StreamBytes(bytes), form);
    }

    static CprStateStream of(StreamBytes in, Form form) {
        in.expect(in.mark("magic QCPR").u32() == MAGIC, "this is no CPR state");
        in.expect(in.mark("version").u32() == 1, "this CPR state is not of version 1");
        List<Entry> entries = new ArrayList<>();
        for (int start = in.at(); more(in); start = in.at()) {
            String name = terminated(in);
            int id = in.mark(name + ": number").u32();
            int at = in.at();
            in.mark(name + (form == Form.ATTACHED ? ": service byte, with its descriptor" : ": descriptor"));
            int value = form == Form.ATTACHED ? in.u8() : in.u32();
            in.expect(form == Form.NUMBER || value == SERVICE_BYTE, "the service byte is " + value);
            entries.add(new Entry(name, id, start, at, value));
        }
        int end = in.at();
        List<String> subsections = new ArrayList<>();
        while (!in.atEnd()) {
            in.expect(in.mark("subsection").u8() == 0x05, "neither a subsection nor the end follows the list");
            String name = in.counted();
            in.expect(name.equals("CprState/vfio devices"), "subsection '" + name + "' is unknown");
            in.expect(in.mark("subsection's version").u32() == 1, "subsection '" + name + "' is not of version 1");
            subsections.add(name);
            if (!in.atEnd()) { // a build without VFIO writes no list at all
                in.expect(!more(in), "a VFIO device is announced, and no machine here has one");
            }
        }
        return new CprStateStream(List.copyOf(entries), end, List.copyOf(subsections));
    }

    private static boolean more(StreamBytes in) {
        int mark = in.mark("goes on, or not").u8();
        in.expect(mark <= 1, "a list goes on with " + mark);
        return mark == 1;
    }

    private static String terminated(StreamBytes in) {
        int length = in.mark("name's length with its NUL").u32();
        String text = in.mark("name").text(length);
        in.expect(text.indexOf('\0') == length - 1, "a name is not ended by its NUL");
        return text.substring(0, length - 1);
    }

    /** The entry of that name, which must be there. */
    public Entry entry(String name) {
        for (Entry entry : entries) {
            if (entry.name().equals(name)) {
                return entry;
            }
        }
        throw new AssertionError("no '" + name + "' among " + entries);
    }
}
