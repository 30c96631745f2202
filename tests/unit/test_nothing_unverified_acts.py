"""What nobody read enters no dose: the documents behind a skin hold no unverified number; judgement gives a reason."""

import pytest

from photodose.data import load_document
from photodose.data.schema_tissue import CompositionDocument, FitzpatrickDocument, SiteDocument, TargetDocument

DOCUMENTS = {
    "tissue/sites": SiteDocument,
    "tissue/targets": TargetDocument,
    "tissue/fitzpatrick": FitzpatrickDocument,
    "tissue/composition": CompositionDocument,
}


@pytest.mark.parametrize("name", DOCUMENTS)
def test_no_unverified_number_feeds_a_skin(name):
    for key, source in load_document(name, DOCUMENTS[name]).sources.items():
        assert source.confidence != "unverified", key
        if source.confidence == "judgement":
            assert source.note or len(source.citation) > 60, f"{key}: a judgement gives its reason"


def test_no_catalogue_number_that_nobody_read_enters_a_dose_unasked():
    import photodose
    from photodose import devices
    from photodose.quantities import InputError

    unread = [
        device
        for device in devices.catalogue()
        if device.bands and all(b.basis == "unverified" or b.irradiance_mw_cm2 is None for b in device.bands)
    ]
    assert len(unread) > 5
    for device in unread[:5]:
        with pytest.raises(InputError, match="--irradiance-mw-cm2"):
            photodose.dose(device, photodose.skin("cheek", ita_deg=35.0), minutes=1)
