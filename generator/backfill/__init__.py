"""Back-filling: every letter of a period as it would have read on its day, made by several processes at once.

What no earlier letter bears on, the groundwork, is laid by any process in any order; the words, which depend on the
letters before, are chosen here, one letter after the other; the forms are again made by any process. They go to the
disk in the order of the letters, so that the folder is at any moment what it would be had they been made one by one.
docs/backfill.md says what that gains.
"""

from generator.backfill.agenda import Period
from generator.backfill.hands import Alone, Cluster, Hands, Pool, processors
from generator.backfill.making import Done, Progress, Refusal, backfill

__all__ = ["Alone", "Cluster", "Done", "Hands", "Period", "Pool", "Progress", "Refusal", "backfill", "processors"]
