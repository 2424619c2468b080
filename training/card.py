"""The model card, written from the exported figures, so that it cannot contradict them."""

from model.probabilities import MOST_CONFIDENT
from training.markdown import table
from training.measures import COLUMNS, rows
from training.report_tables import strangers

TEMPLATE = """\
# Model card: {name} {version}

Inception-ResNet-v1 (22.8 M parameters), {size}×{size} RGB, two heads: a probability for each age
from 0 to 100 and one for female. `int8.onnx` serves; `float16.npz` holds the Keras model it came from,
the reference of the tests and the start of further training. This file and `model.json` are
written by `python -m training export`.

## Data

| data set | what | terms |
|---|---|---|
| [UTKFace](https://susanqq.github.io/UTKFace/) (Zhang, Song, Qi, CVPR 2017) | faces of 0–116 years from the web | **non-commercial research only**; copyright of the photos stays with their owners |
| [All-Age-Faces](https://github.com/JingchunCheng/All-Age-Faces-Dataset) (Cheng et al., 2019) | mostly East Asian faces of 2–80 years | none stated; asks to be cited |
| [FairFace](https://github.com/joojs/fairface) (Kärkkäinen, Joo, WACV 2021) | faces of seven races with ages as ranges, most of them from 3 to 49 | CC BY 4.0 |
| portraits of well-known people from Wikimedia Commons, `own` in the table | the age is the year of the photo less that of birth; most are 50 and older, and nearly all men, so their genders were not learned | each photo keeps its own; used for research only |
| VGGFace2 (Cao et al., 2018), through the `facenet` weights of D. Sandberg | pre-training of the backbone | code MIT; data for research |

**Use these weights for non-commercial research only.** For other uses, train on your own data: the
code is MIT.

## Figures

{share:.0%} of the photos are held out for validation by the hash of their names, where a data set
knows people, of their people. Checkpoint, mix and calibration were chosen on one half of them; the
figures are from the other half. Elsewhere one person's photos may be on both sides. Ages in most of
these data sets were estimated by people: there, MAE is the distance from the age that others see in
the photo. Bias is the estimate less the label; "covered" is the share of labels inside the age range.

{figures}

The same before quantisation: {float32}.{forced}

**Age ranges** are meant to hold {coverage:.0%} of the labels on photos like these. {strangers}

**Gender confidence** comes from logits divided by a temperature of {temperature} and is never above
{most:.0%}. On average it is {error:.1%} away from the share of right answers (expected calibration
error, 15 bins).

## Limits

- It estimates how old a face looks, not the years since birth. Gender is one of the data sets' two
  labels, not how a person identifies.
- Errors grow with age and are largest from 40 on; children's gender is the least sure (see the
  bands above). Ages over 80 are rare in the data.
- Estimates are worse on blurred, dark and very small faces, and gender on turned ones: `python -m
  training.studies.quality` measures how much. Expect the same of made-up and filtered faces and of
  sunglasses; that has not been measured.
- The data sets are not balanced by origin; how the error differs is in the table, in the data
  sets' own words.
- Not for decisions about people: no access control, no proof of age, no surveillance.
"""


def write(facts: dict, share: float) -> str:
    """The card's Markdown. `facts` is `model.json`; `share` of the photos is validation."""
    return TEMPLATE.format(
        name=facts["name"],
        version=facts["version"],
        size=facts["chip"]["size"],
        share=share,
        figures=table(COLUMNS, rows(facts["validation"])),
        float32=", ".join(
            f"{source} MAE {mae}, gender {gender}"
            for source, group, _, mae, *_, gender in rows(facts["validation_float32"])
            if group == "all"
        ),
        forced="".join(f"\n\n**Exported although {reason}.**" for reason in facts["forced"]),
        coverage=facts["age_range"]["coverage"],
        strangers=strangers(facts["left_out"]),
        temperature=facts["gender_temperature"],
        most=MOST_CONFIDENT,
        error=float("nan") if (error := facts["gender_calibration_error"]) is None else error,
    )
