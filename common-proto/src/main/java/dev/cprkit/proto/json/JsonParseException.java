package dev.cprkit.proto.json;

/** A text is not one JSON value; the message says where and what is wrong with it, in QEMU's words. */
public final class JsonParseException extends Exception {
    private static final long serialVersionUID = 1L;

    JsonParseException(String message) {
        super(message, null, false, false);
    }

    /** A mistake at a place of the text, both counted from 1, the column in bytes. */
    static JsonParseException at(int line, int column, String reason) {
        return new JsonParseException(line + ":" + column + ": JSON parse error, " + reason);
    }
}
