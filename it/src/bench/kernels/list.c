/* Builds, reverses and sums a linked list laid out at random: dependent loads. */
#define N 2048
struct node { struct node *next; unsigned long value; };
static struct node nodes[N];

unsigned long run(unsigned long repetitions)
{
    struct node *head = 0;
    unsigned int at = 0;
    for (int i = 0; i < N; i++) {
        at = (at * 5 + 1637) & (N - 1);
        nodes[at].value = i * 3;
        nodes[at].next = head;
        head = &nodes[at];
    }
    unsigned long check = 0;
    while (repetitions--) {
        struct node *reversed = 0;
        for (struct node *n = head; n;) {
            struct node *next = n->next;
            n->next = reversed;
            reversed = n;
            n = next;
        }
        head = reversed;
        for (struct node *n = head; n; n = n->next)
            check += n->value ^ (unsigned long)repetitions;
    }
    return check;
}
