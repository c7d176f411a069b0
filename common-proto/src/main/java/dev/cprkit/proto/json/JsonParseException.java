package dev.cprkit.proto.json;

/** A text is not one JSON value; the message says what is wrong with it, without saying that it is JSON. */
public final class JsonParseException extends Exception {
    private static final long serialVersionUID = 1L;

    public JsonParseException(String message) {
        super(message, null, false, false);
    }
}
