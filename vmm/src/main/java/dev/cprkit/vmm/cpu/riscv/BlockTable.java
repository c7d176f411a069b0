package dev.cprkit.vmm.cpu.riscv;

/**
 * Open-addressed hash table from a positive key to an int; 0 means absent. Removing keeps the key with the value 0, so
 * that probing never breaks; growing drops such keys.
 */
final class BlockTable {
    private long[] keys = new long[1024];
    private int[] values = new int[1024];
    private int used;

    int get(long key) {
        int mask = keys.length - 1;
        for (int i = hash(key) & mask; ; i = i + 1 & mask) {
            if (keys[i] == key) {
                return values[i];
            }
            if (keys[i] == 0) {
                return 0;
            }
        }
    }

    void put(long key, int value) {
        if (used * 2 > keys.length) {
            grow();
        }
        int mask = keys.length - 1;
        int i = hash(key) & mask;
        while (keys[i] != key && keys[i] != 0) {
            i = i + 1 & mask;
        }
        if (keys[i] == 0) {
            keys[i] = key;
            used++;
        }
        values[i] = value;
    }

    /** How many keys are there. */
    int count() {
        int live = 0;
        for (int value : values) {
            live += value != 0 ? 1 : 0;
        }
        return live;
    }

    void clear() {
        keys = new long[1024];
        values = new int[1024];
        used = 0;
    }

    private void grow() {
        long[] oldKeys = keys;
        int[] oldValues = values;
        int live = count();
        int size = Math.max(1024, Integer.highestOneBit(live) * 8);
        keys = new long[size];
        values = new int[size];
        used = 0;
        for (int i = 0; i < oldKeys.length; i++) {
            if (oldValues[i] != 0) {
                put(oldKeys[i], oldValues[i]);
            }
        }
    }

    private static int hash(long key) {
        long mixed = key * 0x9e3779b97f4a7c15L;
        return (int) (mixed >>> 32);
    }
}
