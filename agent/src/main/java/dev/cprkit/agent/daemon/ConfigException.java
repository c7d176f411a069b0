package dev.cprkit.agent.daemon;

/** The configuration cannot be used. The message is a sentence that names the file and the key. */
public final class ConfigException extends Exception {
    private static final long serialVersionUID = 1L;

    public ConfigException(String message) {
        super(message, null, false, false);
    }
}
