package dev.cprkit.proto.qapi;

/** A text is not the address of a migration channel. The message is for the user and names the text. */
public final class AddressException extends Exception {
    private static final long serialVersionUID = 1L;

    public AddressException(String message) {
        super(message, null, false, false);
    }
}
