/* Shell sort of 4096 pseudo-random words: loads, stores and branches that are hard to predict. */
#define N 4096
static unsigned int values[N];

unsigned long run(unsigned long repetitions)
{
    unsigned int seed = 12345;
    unsigned long check = 0;
    while (repetitions--) {
        for (int i = 0; i < N; i++) {
            seed = seed * 1664525u + 1013904223u;
            values[i] = seed >> 8;
        }
        for (int gap = N / 2; gap > 0; gap = gap == 2 ? 1 : gap * 5 / 11) {
            for (int i = gap; i < N; i++) {
                unsigned int v = values[i];
                int j = i;
                while (j >= gap && values[j - gap] > v) {
                    values[j] = values[j - gap];
                    j -= gap;
                }
                values[j] = v;
            }
        }
        for (int i = 0; i < N; i++)
            check = check * 31 + values[i];
    }
    return check;
}
