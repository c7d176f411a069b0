package dev.cprkit.it.conformance;

/** What every group of cases has. */
interface Cases {
    /** The subject and the processes of this case. */
    Trial trial();
}
